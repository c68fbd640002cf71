"""China's public holidays and make-up working days, as the State Council announces them each November.

A tenant elsewhere, or a later year, sets its own in its settings.
"""

from __future__ import annotations

from datetime import date, timedelta

_HOLIDAYS = """
2025-01-01/2025-01-01 2025-01-28/2025-02-04 2025-04-04/2025-04-06 2025-05-01/2025-05-05 2025-05-31/2025-06-02
2025-10-01/2025-10-08
2026-01-01/2026-01-03 2026-02-15/2026-02-23 2026-04-04/2026-04-06 2026-05-01/2026-05-05 2026-06-19/2026-06-21
2026-09-25/2026-09-27 2026-10-01/2026-10-07
"""
_MAKE_UP_DAYS = """
2025-01-26 2025-02-08 2025-04-27 2025-09-28 2025-10-11
2026-01-04 2026-02-14 2026-02-28 2026-05-09 2026-09-20 2026-10-10
"""


def _days(span: str) -> list[date]:
    first, last = (date.fromisoformat(day) for day in span.split("/"))
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


HOLIDAYS = tuple(day for span in _HOLIDAYS.split() for day in _days(span))
MAKE_UP_DAYS = tuple(date.fromisoformat(day) for day in _MAKE_UP_DAYS.split())
