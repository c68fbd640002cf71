"""Lookups of what is held about one person: of the record that stays and those merged into it, and of nobody else.

Statutory management (管理型) is never asked for here: it cannot be told from what is not there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from chassis.persistence.tenant_data import ALL, TenantData
from services.residents.categories.model.category import CategoryEntry
from services.residents.needs.model import Need
from services.residents.people.model import LIVING_HERE, Resident
from services.residents.rights_requests.model import RightsRequest
from services.residents.visits.model import DONE, WAITING, Visit


def needs_of(data: TenantData, keys: Sequence[str]) -> list[Need]:
    return data.find(Need, {"recorded_for": {"$in": list(keys)}}, [("_id", 1)], ALL)


def categories_of(data: TenantData, keys: Sequence[str]) -> list[CategoryEntry]:
    return data.find(CategoryEntry, {"recorded_for": {"$in": list(keys)}}, [("_id", 1)], ALL)


def requests_of(data: TenantData, keys: Sequence[str]) -> list[RightsRequest]:
    return data.find(RightsRequest, {"recorded_for": {"$in": list(keys)}}, [("_id", 1)], ALL)


def visits_of(data: TenantData, records: Sequence[Resident]) -> list[Visit]:
    """Returns the visits of every household while the person belonged to it, and those ahead."""
    keys = {each.key for each in records}
    households = sorted({household for each in records for household in _households_of(each)})
    homes = {each.household for each in records if each.state == LIVING_HERE}
    found = data.find(Visit, {"household": {"$in": households}}, [("due", -1), ("_id", -1)], ALL)
    return [each for each in found if _concerns(each, keys, homes)]


def is_about_nobody_else(visit: Visit, records: Sequence[Resident]) -> bool:
    return visit.state == DONE and bool(visit.members) and {*visit.members} <= {each.key for each in records}


def _concerns(visit: Visit, keys: set[str], homes: set[str]) -> bool:
    if visit.state in WAITING:
        return visit.household in homes
    return not keys.isdisjoint(visit.members)


def _households_of(resident: Resident) -> Iterator[str]:
    """Yields where somebody lives and has lived, by the history of the record."""
    changes = (each for each in resident.history if each.field == "household")
    yield from (
        key for key in (resident.household, *(side for each in changes for side in (each.was, each.became))) if key
    )
