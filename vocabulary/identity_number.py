"""Value object of a citizen identity number (公民身份号码), by GB 11643-1999: 18 characters, the last a check character
by ISO 7064 MOD 11-2. Numbers of 15 digits were given until 1999, with a year of two digits and no check character.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from chassis.errors import Invalid
from chassis.security.sealing import plain

_FORM = re.compile("[1-9][0-9]{16}[0-9X]|[1-9][0-9]{14}")
_WEIGHTS = tuple(pow(2, 17 - place, 11) for place in range(17))
_CHECKS = "10X98765432"
#: Who has a number of 15 digits was born in this century.
_CENTURY_OF_OLD = "19"


@dataclass(frozen=True)
class IdentityNumber:
    """`number`: with 18 characters. `sex`: by GB/T 2261.1, 1 male, 2 female."""

    number: str
    born: date
    sex: str

    @classmethod
    def of(cls, text: str, field: str = "identity_number") -> IdentityNumber:
        """Reads a number of 18 characters, or an old one of 15. Raises `Invalid` for `field`."""
        number = plain(text).upper()
        if not _FORM.fullmatch(number):
            raise Invalid((field, "it must have 18 characters, or 15 digits", "须为 18 位（旧号为 15 位）"))
        if len(number) == 15:
            body = number[:6] + _CENTURY_OF_OLD + number[6:]
            number = body + check_character(body)
        if number[-1] != check_character(number[:-1]):
            raise Invalid((field, "its check character is wrong; look for a typing error", "校验码不符，请核对号码"))
        return cls(number, _born(number[6:14], field), "1" if int(number[16]) % 2 else "2")


def check_character(body: str) -> str:
    """Returns the last character that belongs to the first 17."""
    return _CHECKS[sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, body, strict=True)) % 11]


def _born(digits: str, field: str) -> date:
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError as error:
        raise Invalid((field, "it holds a day that does not exist", "其中的出生日期不存在")) from error
