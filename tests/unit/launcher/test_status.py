from __future__ import annotations

from launcher.commands.status import missing_calendar
from vocabulary.working_time import ANNOUNCED_UNTIL


def test_status_says_which_years_holidays_are_missing_and_what_to_do() -> None:
    assert missing_calendar(ANNOUNCED_UNTIL) == ""
    told = missing_calendar(ANNOUNCED_UNTIL + 1)
    assert str(ANNOUNCED_UNTIL + 1) in told
    assert "days_off" in told
