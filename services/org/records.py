"""How the use cases of posts and people find a record, change it, and put one where nobody set it before."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Annotated, Any, TypeVar

import msgspec

from chassis.errors import Invalid, NotFound
from chassis.persistence.aggregate import Aggregate
from chassis.persistence.tenant_data import TenantData
from chassis.security.principal import codes_of
from services.org.divisions.division import Division
from services.org.grids.grid import Grid
from services.org.lookups import place_of
from services.org.posts.unit import Unit
from services.org.tenants.tenant import Tenant

Id = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
Path = Annotated[str, msgspec.Meta(min_length=3, max_length=120, pattern=r"^(/[0-9a-z][0-9a-z.-]*)+/$")]
Word = Annotated[str, msgspec.Meta(max_length=64)]
Moment = Annotated[datetime, msgspec.Meta(tz=True)]
Answer = dict[str, Any]
A = TypeVar("A", bound=Aggregate)


def shown(document: Aggregate) -> Answer:
    """What it publishes of itself is also what it answers; `version` is the one that it will have once saved."""
    state = document.state_event()
    fields = msgspec.to_builtins(msgspec.structs.asdict(state)) if state else {}
    return {"id": document.key, **fields, "version": document.version + bool(document.pending)}


def change(data: TenantData, model: type[A], key: str, act: Callable[[A], object]) -> Answer:
    """Lets the document act, and answers its new state."""

    def acted(document: A) -> Answer:
        act(document)
        return shown(document)

    answer: Answer = data.change(model, key, acted)
    return answer


def put(data: TenantData, blank: A, act: Callable[[A], object]) -> Answer:
    """Changes the document with the key of `blank`, which is what it is before somebody first sets it."""
    try:
        return change(data, type(blank), blank.key, act)
    except NotFound:
        act(blank)
        answer: Answer = data.create(type(blank), lambda _: blank, shown)
        return answer


def found(data: TenantData, model: type[A], key: str) -> A | None:
    """The document; None where there is none."""
    try:
        return data.get(model, key)
    except NotFound:
        return None


def named(data: TenantData, model: type[A], key: str, field: str) -> A:
    """The document that a field of the request names; raises `Invalid` where there is none."""
    document = found(data, model, key)
    if document is None:
        raise Invalid((field, "there is none of this id", "没有该编号的记录"))
    return document


def tier_at(data: TenantData, path: str) -> str:
    """The tier of the place; raises `Invalid` for a path that leads to none, `GridRetired`."""
    codes = codes_of(path)
    try:
        place = place_of(data, codes[-1] if codes else "")
    except NotFound as error:
        raise Invalid(("area", "no place of this tenant", "本地没有该区域")) from error
    if place.path != path:
        raise Invalid(("area", f"{codes[-1]} lies at {place.path}", f"{codes[-1]} 位于 {place.path}"))
    if isinstance(place, Grid):
        place.require_active()
    return place.tier


def root_of(data: TenantData) -> str:
    """The path of the tenant's root."""
    path: str = data.get(Tenant, data.context.tenant).path
    return path


def require_units(data: TenantData, field: str, units: Iterable[str]) -> None:
    """Each is an open department, or the code of a division. Raises `Invalid`, `UnitClosed`."""
    for unit in units:
        department = found(data, Unit, unit)
        if department:
            department.require_open()
        elif found(data, Division, unit) is None:
            raise Invalid(
                (field, f"{unit} is no department or division of this tenant", f"{unit} 不是本地的部门或区划")
            )
