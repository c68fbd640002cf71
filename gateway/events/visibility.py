"""Visibility of events: the column "sees" of the roles, decided from the envelope alone."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from chassis.envelope import ADMINISTRATORS, STAFF, SUPERVISORS, Envelope, Unreadable, Visibility
from chassis.security.principal import Principal
from vocabulary import roles
from vocabulary.rights import AREA_ROLES, UNIT_ROLES, units_of, works_under
from vocabulary.roles import Role

_PATH = re.compile(r"\w+(\.\w+)*", re.ASCII)


def sees(event: Envelope, by: Principal) -> bool:
    """Returns whether any of the principal's roles may see this event."""
    visibility = event.visibility
    if by.subject == visibility.hidden_from:
        return False
    # What is meant for nobody else is for these persons in whatever role they act.
    if by.subject in visibility.persons and (by.has(*roles.REPORTERS) or not visibility.audience):
        return True
    # 回避: a unit never sees complaints about itself, not even one that its own counter took.
    if works_under(by, visibility.excluded):
        return False
    if by.subject == visibility.taken_by and by.has(Role.COUNTER):
        return True
    if visibility.audience == ADMINISTRATORS.audience:
        return by.has(Role.TENANT_ADMIN)
    if visibility.audience == SUPERVISORS.audience:
        return by.has(Role.SUPERVISOR) and by.covers(event.area)
    return visibility.audience == STAFF.audience and _sees_as_staff(event, by)


def _sees_as_staff(event: Envelope, by: Principal) -> bool:
    # The hotline sees every case, but follows only the events of its post's area.
    in_area = by.has(*AREA_ROLES, Role.HOTLINE) and by.covers(event.area)
    return in_area or any(role in by.roles and not units_of(by, role).isdisjoint(event.units) for role in UNIT_ROLES)


def shown(event: Envelope, by: Principal) -> bytes:
    """Encodes the event for the caller, without its actor and its visibility.

    Raises `Unreadable`, or one of `UNREADABLE`, if it is not certain what to leave out.
    """
    data = msgspec.json.decode(event.data, type=dict[str, Any])
    _redact(data, event.visibility, by)
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


def _redact(data: dict[str, Any], visibility: Visibility, by: Principal) -> None:
    # All paths must lead to an object, whoever asks, and before the first field is gone. An empty field is absent.
    internal = [_field(data, path) for path in visibility.internal]
    staff_only = [_field(data, path) for path in visibility.staff_only]
    for parent, name in internal if by.has(*roles.STAFF) else internal + staff_only:
        parent.pop(name, None)


def _field(data: dict[str, Any], path: str) -> tuple[dict[str, Any], str]:
    """Returns the object to which a path such as `case.handler` leads, and the name of the field in it."""
    if _PATH.fullmatch(path) is None:
        raise Unreadable(reason="a path of its visibility is malformed")
    *parents, name = path.split(".")
    node: Any = data
    for parent in parents:
        node = node.get(parent)
        if not isinstance(node, dict):
            raise Unreadable(reason="a path of its visibility leads through something that is no object")
    return node, name
