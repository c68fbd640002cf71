"""Rules of unusual reading: which of the records that somebody opened are unusual, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from vocabulary.reading import ReadingRule, UnusualReading


class Post(NamedTuple):
    """An assignment of the reader, in force from `since` up to `until`; `stands_in`: for an absent colleague."""

    area: str
    since: datetime
    until: datetime | None
    stands_in: bool = False

    def in_force(self, at: datetime) -> bool:
        return self.since <= at and (self.until is None or at < self.until)


class Opening(NamedTuple):
    """One entry of the audit log. `records`: the area of each record that was opened, "" if it is not known."""

    number: int
    at: datetime
    records: Mapping[str, str]


class Judge(NamedTuple):
    """`posts`: all that the reader has or had, as far as org has told."""

    limits: UnusualReading
    zone: ZoneInfo
    posts: Sequence[Post]

    def unusual(self, rule: ReadingRule, opening: Opening) -> dict[str, str]:
        """Returns the records that the rule finds unusual, with their areas."""
        match rule:
            case ReadingRule.MANY:
                applies = True
            case ReadingRule.OUTSIDE:
                return {key: area for key, area in opening.records.items() if self._is_outside(area, opening.at)}
            case ReadingRule.AT_NIGHT:
                local = opening.at.astimezone(self.zone).time()
                applies = not self.limits.day_from <= local < self.limits.day_until
            case ReadingRule.LEAVING:
                applies = self._is_leaving(opening.at)
        return dict(opening.records) if applies else {}

    def threshold(self, rule: ReadingRule) -> int:
        return int(getattr(self.limits, rule))

    def areas(self, at: datetime) -> list[str]:
        """Returns where the reader worked at that moment."""
        return [post.area for post in self.posts if post.in_force(at)]

    def _is_outside(self, area: str, at: datetime) -> bool:
        # Before org has told of any post, nobody knows.
        own = [post.area for post in self.posts if post.in_force(at) and not post.stands_in]
        return bool(self.posts and area) and not area.startswith(tuple(own))

    def _is_leaving(self, at: datetime) -> bool:
        """Whether every post of the reader ends soon; one that goes on, or follows, keeps them."""
        ends = [post.until for post in self.posts if not post.stands_in and (post.until is None or post.until > at)]
        soon = at + timedelta(days=self.limits.leaving_days)
        return bool(ends) and all(end is not None and end <= soon for end in ends)
