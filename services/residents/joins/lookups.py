"""Lookups of joins: which sign-in is a record's, and which record a sign-in's.

A join stays with its own record. Of merged records it is that of the one that stays, or else the oldest; separated
again, each has its own back. The dead have none.
"""

from __future__ import annotations

from chassis.clock import EPOCH
from chassis.errors import NotFound
from chassis.persistence.tenant_data import ALL, TenantData
from services.residents.joins.model import JOINED, Join, SignIn
from services.residents.people.merges import records_of, who_stays
from services.residents.people.model import DECEASED, MERGED, Resident


def join_of(data: TenantData, resident: Resident) -> Join | None:
    """Returns the join in force of a record that is not merged."""
    if resident.state in (DECEASED, MERGED):
        return None
    ids = [Join.identity(data.context.tenant, key) for key in records_of(data, resident.key)]
    joins = data.find(Join, {"_id": {"$in": ids}, "state": JOINED}, limit=ALL)
    agreed = [each for each in joins if _claimed_by(data, each.subject) == each.key]
    return min(agreed, key=lambda each: (each.key != resident.key, each.joined_at or EPOCH, each.key), default=None)


def joined_to(data: TenantData, subject: str) -> Resident | None:
    """Returns the record to which the sign-in is joined: of merged ones, the one that stays."""
    claimed = _claimed_by(data, subject)
    if not claimed:
        return None
    resident = who_stays(data, claimed)
    join = join_of(data, resident)
    return resident if join and join.subject == subject else None


def _claimed_by(data: TenantData, subject: str) -> str:
    try:
        return data.get(SignIn, subject).resident
    except NotFound:
        return ""
