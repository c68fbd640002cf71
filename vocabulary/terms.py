"""A term: a code of the domain with its name in both languages."""

from __future__ import annotations

from enum import StrEnum
from typing import Self


class Term(StrEnum):
    """Base of every closed vocabulary: `STREET = "street", "street", "街道"` is code, English, Chinese.

    A member is its code: it compares with, hashes as and is stored as that text.
    """

    en: str
    zh: str

    # With defaults, so that `Tier("street")`, which finds a member by its code, passes the type check.
    def __new__(cls, code: str, en: str = "", zh: str = "") -> Self:
        member = str.__new__(cls, code)
        member._value_ = code
        member.en, member.zh = en, zh
        return member

    @classmethod
    def zh_names(cls) -> dict[str, str]:
        """Each code with its Chinese: what a `Problem` takes as one of its `chinese` tables."""
        return {str(member): member.zh for member in cls}
