"""Clock: the only source of time, injected wherever code needs the current time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

#: Lower bound of range queries that must exclude rows without a time. With an upper bound alone, some engines scan
#: every such row.
EPOCH = datetime.fromtimestamp(0, UTC)


class Clock(Protocol):
    """Port of the clock."""

    def now(self) -> datetime:
        """Returns the current time: aware, UTC, cut to milliseconds as the database stores it."""
        ...


def to_milliseconds(moment: datetime) -> datetime:
    """Cuts a moment to the precision of the database, so that it still compares equal after it is stored."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


class SystemClock:
    """The clock of the operating system."""

    def now(self) -> datetime:
        return to_milliseconds(datetime.now(UTC))


class ShiftedClock:
    """System clock plus the seconds in a file, so that a test can shift the time of a running process."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def now(self) -> datetime:
        text = self._file.read_text() if self._file.exists() else ""
        return to_milliseconds(datetime.now(UTC) + timedelta(seconds=float(text or 0)))
