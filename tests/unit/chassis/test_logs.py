from __future__ import annotations

import json
import logging
import sys

import pytest

from chassis.process.logs import JsonLines

QUOTED = "dup key: { name: 'somebody' }"


def line(message: str, *args: object, raised: bool = False) -> dict[str, str]:
    """Returns the line for a record that is made as `logging` makes it."""
    try:
        raise KeyError(QUOTED)
    except KeyError:
        info = sys.exc_info() if raised else None
    record = logging.LogRecord("a.logger", logging.ERROR, __file__, 1, message, args, info)
    found: dict[str, str] = json.loads(JsonLines("cases").format(record))
    return found


@pytest.mark.parametrize("how", ["%s", "%r"])
def test_an_exception_is_named_and_never_quoted(how: str) -> None:
    assert line(f"lost {how}: {how}", "the broker", ConnectionError(QUOTED))["message"].endswith(
        {"%s": "ConnectionError", "%r": "'ConnectionError'"}[how]
    )
    assert QUOTED not in str(line("it failed", raised=True))
    assert line("it failed", raised=True)["exception"] == "KeyError"


def test_other_arguments_are_written_as_they_are() -> None:
    assert line("%d of %s", 3, "them")["message"] == "3 of them"
    assert line("%(count)d", {"count": 4})["message"] == "4"
    assert line("100 %")["message"] == "100 %"
