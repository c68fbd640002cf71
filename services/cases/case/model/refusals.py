"""What several steps refuse for."""

from __future__ import annotations

from chassis.errors import Refused
from services.cases.case.texts_zh import NEEDS


class NothingShown(Refused):
    """`needs`: what would show it."""

    code = "case.nothing_shown"
    en = "This step needs {needs}."
    zh = "此步骤需要提供 {needs}。"
    chinese = {"needs": NEEDS}


class TooLate(Refused):
    """`until`: when it was possible."""

    code = "case.too_late"
    en = "This was possible until {until}."
    zh = "此操作的期限为 {until},已超过。"
