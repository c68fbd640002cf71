"""The one source of time: everything that asks for it is given a clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

#: Before everything: where a range begins that is to leave out what has no moment. With its end alone, engines look
#: through every row that has none.
EPOCH = datetime.fromtimestamp(0, UTC)


class Clock(Protocol):
    def now(self) -> datetime:
        """Aware, UTC, to the millisecond: what the database keeps."""
        ...


def to_milliseconds(moment: datetime) -> datetime:
    """The moment as the database keeps it: what is compared later must be cut before it is stored."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


class SystemClock:
    def now(self) -> datetime:
        return to_milliseconds(datetime.now(UTC))


class SetClock:
    """A clock that a test sets and moves."""

    def __init__(self, start: datetime) -> None:
        self._now = start

    def now(self) -> datetime:
        return self._now

    def advance(self, by: timedelta) -> datetime:
        self._now += by
        return self._now

    def set(self, moment: datetime) -> None:
        self._now = moment


class ShiftedClock:
    """The system's time shifted by the seconds in a file, so that a test moves a running process's time."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def now(self) -> datetime:
        text = self._file.read_text() if self._file.exists() else ""
        return to_milliseconds(datetime.now(UTC) + timedelta(seconds=float(text or 0)))
