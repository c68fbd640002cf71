"""Stand-ins during absences (AB岗), from the replicas of org's assignments."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec

from chassis.persistence.tenant_data import ALL, TenantData
from chassis.usecases.tenant_cache import TenantCache
from services.cases.directory.replicas import AssignmentReplica


class Backup(msgspec.Struct, frozen=True, kw_only=True):
    """`person` holds the B post of `backs`, who is away in the given periods."""

    person: str
    backs: str
    away: tuple[tuple[datetime, datetime], ...] = ()


def answering(data: TenantData, owner: str, by: str) -> frozenset[str]:
    """Returns who may answer the reporter for the first owner, as far as it matters to `by`.

    Nearly nobody holds a B post, so that is asked first, from a cache.
    """
    if by == owner or not _backs_somebody(data, by):
        return frozenset({owner} - {""})
    return frozenset({owner, who_answers(owner, backups_of(data, owner), data.context.now)} - {""})


def _backs_somebody(data: TenantData, person: str) -> bool:
    held = {"subject": person, "backup_of": {"$nin": ["", None]}, "ended": {"$ne": True}}
    return _backs.of(data, person, lambda: bool(data.rows(AssignmentReplica, held, ["backup_of"], limit=1)))


_backs: TenantCache[bool] = TenantCache(timedelta(seconds=5))


def who_answers(owner: str, backups: Iterable[Backup], now: datetime) -> str:
    """Returns the first owner, or the holder of their B post while they are away. The owner stays on record."""
    for backup in backups:
        if backup.backs == owner and any(start <= now < end for start, end in backup.away):
            return backup.person
    return owner


def backups_of(data: TenantData, person: str) -> list[Backup]:
    """Returns who holds the B posts of a person's posts (AB岗), with that person's absences."""
    goes_on = {"ended": {"$ne": True}}
    return [
        Backup(
            person=backup.subject,
            backs=person,
            away=tuple((absence["start"], absence["end"]) for absence in post.absences),
        )
        for post in data.find(AssignmentReplica, {"subject": person, **goes_on}, limit=ALL)
        for backup in data.find(AssignmentReplica, {"backup_of": post.key, **goes_on}, limit=ALL)
    ]
