"""Lookups of merged records: which one stays, and which were merged into it.

Records that are merged into each other at the same moment form a circle until it is broken, on whose event whatever
follows a record follows again.
"""

from __future__ import annotations

from chassis.persistence.tenant_data import ALL, TenantData
from services.residents.people.model import Resident


def who_stays(data: TenantData, resident: str) -> Resident:
    """Returns the record; of a merged one, the one that stays."""
    return _chain(data, data.get(Resident, resident))[-1]


def records_of(data: TenantData, resident: str) -> list[str]:
    """Returns the record and all that were merged into it, also through others.

    What was recorded for any of them follows the event of this one; separated again, they have back what is theirs.
    """
    found, following = [resident], [resident]
    while following:
        rows = data.rows(Resident, {"merged_into": {"$in": following}}, ["merged_into"], limit=ALL)
        following = [row["key"] for row in rows if row["key"] not in found]
        found += following
    return found


def is_first_of_circle(data: TenantData, resident: Resident) -> bool:
    """Returns whether records were merged at once into each other, and this one is to stay: no command can see that."""
    chain = _chain(data, resident)
    return chain[-1].merged_into == resident.key == min(each.key for each in chain)


def _chain(data: TenantData, first: Resident) -> list[Resident]:
    """Returns the record and those that it was merged into one after the other, each once."""
    chain = {first.key: first}
    following = first.merged_into
    while following and following not in chain:
        chain[following] = data.get(Resident, following)
        following = chain[following].merged_into
    return list(chain.values())
