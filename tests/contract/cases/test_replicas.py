"""What cases copies of org is in the contracts of org, and its handlers take the examples as they are published."""

from __future__ import annotations

import inspect
import json
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from chassis.context import Received
from chassis.entrypoints.consumer import Handler
from chassis.envelope import Envelope, raw
from chassis.persistence.aggregate import Replica
from chassis.replicas import replica_fields
from launcher.servers.processes import ROOT
from services.cases.directory import replicas
from services.cases.directory.limit_versions import KeptLimits
from services.cases.directory.replicas import OrgReplicas

CONTRACTS = ROOT / "services" / "org" / "contracts"
KEPT: dict[str, type[Replica]] = {
    "org.tenant.changed.v1": replicas.TenantSettings,
    "org.division.changed.v1": replicas.PlaceReplica,
    "org.grid.changed.v1": replicas.PlaceReplica,
    "org.unit.changed.v1": replicas.UnitReplica,
    "org.list_entry.changed.v1": replicas.ListEntryReplica,
    "org.whistle_rule.changed.v1": replicas.WhistleRuleReplica,
    "org.assignment.changed.v1": replicas.AssignmentReplica,
    "org.emergency.changed.v1": replicas.EmergencyReplica,
}
COPIES = [*KEPT.items(), ("org.tenant.changed.v1", KeptLimits)]
#: A division is never merged into another; only a grid's contract has it.
_NOT_TOLD = {"org.division.changed.v1": {"merged_into"}}


def example_of(kind: str) -> dict[str, Any]:
    contract = json.loads((CONTRACTS / f"{kind.removeprefix('org.')}.json").read_text(encoding="utf-8"))
    example: dict[str, Any] = contract["example"]
    return example


def test_every_event_that_is_copied_is_tried_here() -> None:
    methods = [method for _, method in inspect.getmembers(OrgReplicas, callable)]
    entrypoints = [each for method in methods for each in getattr(method, "nameko_entrypoints", ())]
    assert {kind for each in entrypoints if isinstance(each, Handler) for kind in each.types} == set(KEPT)


@pytest.mark.parametrize(("kind", "model"), COPIES)
def test_every_field_of_a_copy_is_told_by_the_event(kind: str, model: type[Replica]) -> None:
    assert fields_of(model) - _NOT_TOLD.get(kind, set()) <= set(example_of(kind))


def fields_of(model: type[Replica]) -> set[str]:
    return set(model._fields) - set(Replica._fields)


def received(kind: str, data: dict[str, Any]) -> Received:
    envelope = Envelope(
        specversion="1.0",
        id="e1",
        source="org",
        type=f"linli.{kind}",
        subject="k",
        time=datetime(2026, 1, 5, tzinfo=UTC),
        datacontenttype="application/json",
        tenant="t",
        sequence=1,
        correlationid="c1",
        data=raw(data),
    )
    return Received(tenant="t", actor="a", now=envelope.time, correlation_id="c1", envelope=envelope)


@pytest.mark.parametrize(("kind", "model"), COPIES)
def test_a_copy_holds_the_example(kind: str, model: type[Replica]) -> None:
    fields = replica_fields(model, received(kind, example_of(kind)))
    assert fields.keys() == fields_of(model)
    model(id="t:k", tenant="t", **fields).validate()


@pytest.mark.parametrize(
    ("kind", "model", "field"), [(kind, model, field) for kind, model in COPIES for field in sorted(fields_of(model))]
)
def test_a_field_of_another_type_is_refused_so_that_the_event_is_parked(
    kind: str, model: type[Replica], field: str
) -> None:
    for broken in (7, [7], {"zone": [7]}):
        with pytest.raises(msgspec.ValidationError, match=rf"\$\.{field}"):
            replica_fields(model, received(kind, example_of(kind) | {field: broken}))


@pytest.mark.parametrize(("kind", "model"), COPIES)
def test_what_a_later_publisher_adds_is_left_out(kind: str, model: type[Replica]) -> None:
    example = example_of(kind)
    more = {name: with_more(value) for name, value in example.items()} | {"later": 1}
    assert replica_fields(model, received(kind, more)) == replica_fields(model, received(kind, example))


def with_more(value: Any) -> Any:
    """The objects of a list, such as categories or absences, with a field more."""
    if isinstance(value, list):
        return [each | {"later": 1} if isinstance(each, dict) else each for each in value]
    return value


def test_a_list_that_is_not_told_is_refused_since_an_empty_one_means_all() -> None:
    kind = "org.whistle_rule.changed.v1"
    less = {name: value for name, value in example_of(kind).items() if name != "units"}
    with pytest.raises(msgspec.ValidationError, match="units"):
        replica_fields(replicas.WhistleRuleReplica, received(kind, less))


def test_settings_of_an_org_without_lists_of_reasons_are_taken() -> None:
    kind = "org.tenant.changed.v1"
    less = {name: value for name, value in example_of(kind).items() if name != "reasons"}
    assert replica_fields(replicas.TenantSettings, received(kind, less))["reasons"] == {}
