"""Masking: personal data as shown to people who do not need to know them."""

from __future__ import annotations

import re

#: A phone or identity card number, also with spaces, dots or hyphens of any width between its digits.
_LONG_NUMBER = re.compile(r"\d(?:[\s.·\-‐-―－．]{0,3}\d){6,}[Xx]?")


def mask(name: str, text: str) -> str:
    """Returns `王小明` as `王**` and `13900000001` as `139****0001`; in other texts, hides long numbers.

    Of a shorter number, such as a landline's, only the last two digits are shown.
    """
    if name == "name":
        return text[:1] + "*" * (len(text) - 1)
    if name == "phone":
        head, tail = (3, 4) if len(text) >= 11 else (0, min(2, len(text) // 2))
        return text[:head] + "*" * (len(text) - head - tail) + text[len(text) - tail :]
    return _LONG_NUMBER.sub("***", text)
