"""Masking: personal data as somebody may see them who need not know them."""

from __future__ import annotations

import re

#: Of a telephone or an identity card, also written in groups.
_LONG_NUMBER = re.compile(r"\d(?:[ -]?\d){6,}[Xx]?")


def mask(name: str, text: str) -> str:
    """`王小明` as `王**`, `13900000001` as `139****0001`; in a text, numbers as long as a telephone's are hidden."""
    if name == "name":
        return text[:1] + "*" * (len(text) - 1)
    if name == "phone":
        return f"{text[:3]}{'*' * max(len(text) - 7, 1)}{text[-4:]}" if len(text) > 7 else "*" * len(text)
    return _LONG_NUMBER.sub("***", text)
