"""Natural key of a dwelling: made from place and door, which it does not tell, so that each is recorded once."""

from __future__ import annotations

from collections.abc import Callable

from chassis.persistence.tenant_data import TenantData
from services.residents.directory.lookups import merged_into
from services.residents.dwellings.model import Dwelling


def key_of_door(data: TenantData, blind: Callable[[str, str], str], area: str, building: str, door: str) -> str:
    """Returns the key of the door, which a dwelling keeps when its grid is merged."""
    places = [building] if building else [area, *merged_into(data, area)]
    keys = [blind(f"{place}/{door}", "door") for place in places]
    if len(keys) == 1:
        return keys[0]
    ids = [f"{data.context.tenant}:{key}" for key in keys]
    stored = data.rows(Dwelling, {"_id": {"$in": ids}}, ["state"], limit=len(keys))
    return next((row["key"] for row in stored), keys[0])
