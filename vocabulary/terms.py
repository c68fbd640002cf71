"""Closed vocabulary: each code of the domain with its English and Chinese name."""

from __future__ import annotations

from enum import StrEnum
from typing import Self


class Term(StrEnum):
    """Base of every closed vocabulary: `STREET = "street", "street", "街道"` is code, English, Chinese.

    A member compares, hashes and is stored as its code.
    """

    en: str
    zh: str

    # The defaults let the lookup by code, `Tier("street")`, pass the type check.
    def __new__(cls, code: str, en: str = "", zh: str = "") -> Self:
        member = str.__new__(cls, code)
        member._value_ = code
        member.en, member.zh = en, zh
        return member

    @classmethod
    def en_names(cls) -> dict[str, str]:
        """Returns the English name of each code, for the `english` tables of a `Problem`."""
        return {str(member): member.en for member in cls}

    @classmethod
    def zh_names(cls) -> dict[str, str]:
        """Returns the Chinese name of each code, for the `chinese` tables of a `Problem`."""
        return {str(member): member.zh for member in cls}
