"""Errors that several concerns raise."""

from __future__ import annotations

from chassis.errors import Refused
from services.cases.case.texts_zh import NEEDS


class NothingShown(Refused):
    """`needs`: what is missing."""

    code = "case.nothing_shown"
    en = "This step needs {needs}."
    zh = "此步骤须提供{needs}。"
    chinese = {"needs": NEEDS}


class TooLate(Refused):
    """`until`: when the time for the step ended."""

    code = "case.too_late"
    en = "Too late: this was possible until {until:time}."
    zh = "办理期限已于{until:time}届满，不能再执行此操作。"
