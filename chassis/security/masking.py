"""Masking: personal data as shown to people who do not need to know them."""

from __future__ import annotations

import re

#: A phone or identity card number, also with spaces or hyphens.
_LONG_NUMBER = re.compile(r"\d(?:[ -]?\d){6,}[Xx]?")


def mask(name: str, text: str) -> str:
    """Returns `王小明` as `王**` and `13900000001` as `139****0001`; in other texts, hides long numbers."""
    if name == "name":
        return text[:1] + "*" * (len(text) - 1)
    if name == "phone":
        return f"{text[:3]}{'*' * max(len(text) - 7, 1)}{text[-4:]}" if len(text) > 7 else "*" * len(text)
    return _LONG_NUMBER.sub("***", text)
