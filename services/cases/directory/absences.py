"""Who answers while somebody is away: the holder of their B post (AB岗), from org's assignments."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import msgspec

from chassis.persistence.tenant_data import TenantData
from services.cases.directory.replicas import AssignmentReplica


class Backup(msgspec.Struct, frozen=True, kw_only=True):
    """Who holds the B post of somebody, and when that somebody is away: from org's assignments."""

    person: str
    backs: str
    away: tuple[tuple[datetime, datetime], ...] = ()


def who_answers(owner: str, backups: Iterable[Backup], now: datetime) -> str:
    """The first owner, or while they are away the holder of their B post. The owner's name stays on it."""
    for backup in backups:
        if backup.backs == owner and any(start <= now < end for start, end in backup.away):
            return backup.person
    return owner


def backups_of(data: TenantData, person: str) -> list[Backup]:
    """Who holds the B post of somebody's posts (AB岗), with the times when that somebody is away."""
    posts = [post for post in data.find(AssignmentReplica, {"subject": person}) if not post.ended]
    return [
        Backup(
            person=backup.subject,
            backs=person,
            away=tuple((absence["start"], absence["end"]) for absence in post.absences),
        )
        for post in posts
        for backup in data.find(AssignmentReplica, {"backup_of": post.key})
        if not backup.ended
    ]
