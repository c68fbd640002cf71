"""Rate limit of guesses at one login (GCRA), counted for each device apart and for all unknown devices together.

OWASP's device cookies: https://owasp.org/www-community/Slow_Down_Online_Guessing_Attacks_with_Device_Cookies. Guesses
of strangers slow down strangers alone: whoever signed in on a device before still gets in there. A device that itself
fails too often counts as an unknown one.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

FREE_FAILURES = 5
#: After the free failures, one more is possible each time that this has passed.
WAIT = timedelta(minutes=1)
UNKNOWN = "unknown"
"""The source of every sign-in from a device that never signed in as this user."""
SIGNED_IN = "signed_in"
"""The source of a wrong old password: a stolen session guesses, and slows down neither devices nor strangers."""
_MOST_SOURCES = 20


def source_of(waits: Mapping[str, datetime], device: str, now: datetime) -> str:
    """Returns what an attempt is counted for. `device`: one that signed in as this user before, else ""."""
    return device if device and may_try(waits, device, now) else UNKNOWN


def may_try(waits: Mapping[str, datetime], source: str, now: datetime) -> bool:
    """`waits`: for each source with failures, when all of them will be forgotten."""
    return waits.get(source, now) - now <= (FREE_FAILURES - 1) * WAIT


def with_failure(waits: Mapping[str, datetime], source: str, now: datetime) -> dict[str, datetime]:
    """Returns `waits` after one more failure, without the sources whose failures are forgotten."""
    kept = {name: until for name, until in waits.items() if until > now and name != source}
    newest = sorted(kept, key=lambda name: kept[name])[-(_MOST_SOURCES - 1) :]
    return {name: kept[name] for name in newest} | {source: max(now, waits.get(source, now)) + WAIT}


def without(waits: Mapping[str, datetime], source: str) -> dict[str, datetime]:
    """Returns `waits` after a success of this source."""
    return {name: until for name, until in waits.items() if name != source}
