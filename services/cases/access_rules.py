"""Access rules that the aggregates beside the case share."""

from __future__ import annotations

from chassis.security.principal import Principal
from services.cases.case.model.permissions import NotYours, OwnWork, WrongRole


def require_role(by: Principal, act: str, *roles: str) -> None:
    if not by.has(*roles):
        raise WrongRole(power=act, roles=sorted(roles))


def require_unit(by: Principal, unit: str) -> None:
    if by.unit != unit:
        raise NotYours(owner=unit)


def require_other_unit(by: Principal, act: str, unit: str) -> None:
    if by.unit == unit:
        raise OwnWork(act=act, reason="it is about your unit")
