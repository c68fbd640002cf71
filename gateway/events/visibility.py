"""Which events of a tenant's log somebody may see: the column "sees" of the roles, on the event alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from chassis.messaging.envelope import PREFIX
from chassis.security.principal import Principal
from vocabulary.roles import Role

_AREA_ROLES = (
    Role.GRID_WORKER,
    Role.GRID_LEADER,
    Role.COMMUNITY,
    Role.STREET,
    Role.CENTRE,
    Role.SUPERVISOR,
    Role.HOTLINE,
)
_UNIT_ROLES = (Role.DEPARTMENT, Role.COMMUNITY, Role.STREET, Role.CENTRE)
_STAFF = (*_AREA_ROLES, *_UNIT_ROLES, Role.COUNTER, Role.INSPECTOR)
#: Who of the staff is at a case. A party is told which unit has it, not which person.
_WHO_OF_STAFF = ("handler", "from_handler", "inspector", "first_post")


class Concerned(msgspec.Struct):
    """What an event's data says of the case that it is about."""

    persons: list[str] = []
    first_person: str = ""
    about: str = ""


class _Data(msgspec.Struct):
    """`case`: its whole public state, or its id alone in what stands beside it, such as a review."""

    case: Concerned | str | None = None


class Logged(msgspec.Struct):
    """An event as the log keeps it, as far as the gateway reads it."""

    id: str
    type: str
    subject: str
    time: str
    sequence: int
    data: msgspec.Raw
    area: str = ""
    units: list[str] = []
    correlationid: str = ""

    @property
    def name(self) -> str:
        return self.type.removeprefix(PREFIX)

    def concerned(self) -> Concerned:
        case = msgspec.json.decode(self.data, type=_Data).case
        return case if isinstance(case, Concerned) else Concerned()


Sight = Callable[[Logged, Principal], bool]

_SIGHT: dict[str, Sight] = {
    Role.RESIDENT: lambda event, by: by.subject in event.concerned().persons,
    Role.COURIER: lambda event, by: by.subject in event.concerned().persons,
    Role.COUNTER: lambda event, by: by.subject == event.concerned().first_person,
}


def sees(event: Logged, by: Principal) -> bool:
    """True when any of their roles shows them this event."""
    if not event.name.startswith("cases."):
        return by.has(Role.TENANT_ADMIN)
    if any(sight(event, by) for role, sight in _SIGHT.items() if role in by.roles):
        return True
    in_area = by.has(*_AREA_ROLES) and by.covers(event.area)
    in_unit = by.has(*_UNIT_ROLES) and bool(by.unit) and by.unit in event.units
    # 回避: a complaint about a unit never goes to that unit.
    return (in_area or in_unit) and not (by.unit and by.unit == event.concerned().about)


def shown(event: Logged, by: Principal) -> bytes:
    """The event as it leaves the gateway: without its actor, and without what is there to know who may see it."""
    data: dict[str, Any] = msgspec.json.decode(event.data)
    case = data.get("case")
    _drop(case, Concerned.__struct_fields__)
    if not by.has(*_STAFF):
        _drop(data, _WHO_OF_STAFF)
        _drop(case, _WHO_OF_STAFF)
    return msgspec.json.encode(
        {
            "id": event.id,
            "type": event.name,
            "subject": event.subject,
            "time": event.time,
            "area": event.area,
            "units": event.units,
            "sequence": event.sequence,
            "correlationid": event.correlationid,
            "data": data,
        }
    )


def _drop(part: Any, names: tuple[str, ...]) -> None:
    if isinstance(part, dict):
        for name in names:
            part.pop(name, None)
