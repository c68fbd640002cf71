"""Value object of a resident's profile in the clear, and the keyed tokens by which it is found.

A token is a blind index of one kind of value. Whoever has a common surname or the same initials as thousands of others
would be found by reading all of them, so those two have a token for each division that the person lives in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

from pypinyin import Style, lazy_pinyin

from chassis.errors import Invalid
from vocabulary.identity_number import IdentityNumber

#: Surnames of two characters (复姓).
_COMPOUND = (
    "欧阳", "司马", "上官", "诸葛", "东方", "皇甫", "尉迟", "公孙", "令狐", "慕容", "宇文", "长孙", "司徒", "夏侯",
    "轩辕", "端木", "独孤", "南宫", "呼延", "闻人", "太史", "申屠", "澹台", "公冶", "宗政", "濮阳", "淳于", "单于",
)  # fmt: skip
#: The first letters of surnames that are read otherwise elsewhere.
_AS_SURNAME = {
    "单": "s", "曾": "z", "解": "x", "仇": "q", "查": "z", "区": "o", "朴": "p", "盖": "g", "翟": "z", "尉迟": "yc",
    "单于": "cy",
}  # fmt: skip
Blind = Callable[[str, str], str]


@dataclass(frozen=True)
class Profile:
    """`identity_number`: with 18 characters, or empty. `sex`: by GB/T 2261.1, or empty."""

    name: str
    identity_number: str = ""
    phone: str = ""
    birthday: date | None = None
    sex: str = ""

    @classmethod
    def of(cls, **given: Any) -> Profile:
        """Fills in what the identity number tells. Raises `Invalid` where the two contradict each other."""
        given["name"] = given["name"].strip()
        profile = cls(**given)
        if not profile.identity_number:
            return profile
        number = IdentityNumber.of(profile.identity_number)
        if profile.birthday not in (None, number.born):
            raise Invalid(("birthday", "the identity number has another day", "与公民身份号码中的出生日期不符"))
        if profile.sex not in ("", number.sex):
            raise Invalid(("sex", "the identity number says otherwise", "与公民身份号码中的性别不符"))
        return replace(profile, identity_number=number.number, birthday=number.born, sex=number.sex)

    def corrected(self, **given: Any) -> Profile:
        """Returns it with the given fields. A new identity number tells birthday and sex anew. Raises `Invalid`."""
        if given.get("identity_number"):
            given = {"birthday": None, "sex": ""} | given
        return Profile.of(**(asdict(self) | given))

    def require_born_by(self, today: date) -> None:
        if self.birthday and self.birthday > today:
            raise Invalid(("birthday", "it lies in the future", "不得晚于今天"))

    def sealed_texts(self) -> dict[str, str]:
        """Returns what is to be sealed, by field."""
        born = self.birthday.isoformat() if self.birthday else ""
        return {"name": self.name, "identity_number": self.identity_number, "phone": self.phone, "birthday": born}

    def tokens(self, blind: Blind, codes: Sequence[str]) -> list[str]:
        """Returns the tokens of somebody who lives in these divisions."""
        return list(self._tokens(blind, codes))

    def _tokens(self, blind: Blind, codes: Sequence[str]) -> Iterator[str]:
        yield blind(self.name, "name")
        if self.identity_number:
            yield blind(self.identity_number, "identity_number")
        if any(map(str.isdigit, self.phone)):
            yield blind(self.phone, "phone")
        if self.birthday:
            yield name_and_birthday(blind, self.name, self.birthday.isoformat())
        for code in codes:
            yield blind(f"{code}/{surname_of(self.name)}", "surname")
            if letters := initials_of(self.name):
                yield blind(f"{code}/{letters}", "initials")


def token_of(blind: Blind, by: str, value: str, code: str) -> str:
    """Returns the token for a search in a division. Raises `Invalid` for a wrong identity number."""
    value = value.strip()
    if by == "identity_number":
        value = IdentityNumber.of(value, "value").number
    if by in ("surname", "initials"):
        value = f"{code}/{value}"
    return blind(value, by)


def name_and_birthday(blind: Blind, name: str, birthday: str) -> str:
    """Returns the token that two records of one person share, though neither has a number."""
    return blind(f"{name}/{birthday}", "name_and_birthday")


def surname_of(name: str) -> str:
    return name[:2] if name[:2] in _COMPOUND and len(name) > 2 else name[:1]


def initials_of(name: str) -> str:
    """Returns the first letters of the syllables: `wxm` for 王小明; "" for a name without any."""
    surname = surname_of(name)
    return (_AS_SURNAME.get(surname) or _letters(surname)) + _letters(name[len(surname) :])


def _letters(text: str) -> str:
    return "".join(letter for letter in lazy_pinyin(text, style=Style.FIRST_LETTER) if letter.isalpha()).lower()
