"""What residents keeps of the settings of a tenant is in org's contract, and is read with the defaults."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import msgspec

from chassis.context import Received
from chassis.envelope import Envelope, raw
from chassis.replicas import replica_fields
from launcher.servers.processes import ROOT
from services.residents.directory.replicas import PlaceReplica, TenantSettings
from vocabulary.care import Care
from vocabulary.reading import UnusualReading


def example_of(name: str) -> dict[str, Any]:
    contract = json.loads((ROOT / "services/org/contracts" / f"{name}.changed.v1.json").read_text(encoding="utf-8"))
    example: dict[str, Any] = contract["example"]
    return example


def received(data: dict[str, Any]) -> Received:
    envelope = Envelope(
        specversion="1.0", id="e1", source="org", type="linli.org.tenant.changed.v1", subject="k",
        time=datetime(2026, 1, 5, tzinfo=UTC), datacontenttype="application/json", tenant="t", sequence=1,
        correlationid="c1", data=raw(data),
    )  # fmt: skip
    return Received(tenant="t", actor="a", now=envelope.time, correlation_id="c1", envelope=envelope)


def test_care_is_kept_as_org_sends_it() -> None:
    sent = example_of("tenant")
    kept = replica_fields(TenantSettings, received(sent))["care"]
    assert msgspec.convert(kept, Care) == msgspec.convert(sent["care"], Care)


def test_the_limits_of_unusual_reading_are_kept_as_org_sends_them() -> None:
    sent = example_of("tenant")
    sent["unusual_reading"] |= {"many": 7, "day_until": "19:30:00"}
    kept = replica_fields(TenantSettings, received(sent))["unusual_reading"]
    assert msgspec.convert(kept, UnusualReading) == msgspec.convert(sent["unusual_reading"], UnusualReading)
    del sent["unusual_reading"]
    kept = replica_fields(TenantSettings, received(sent))["unusual_reading"]
    assert msgspec.convert(kept, UnusualReading) == UnusualReading()


def test_an_org_that_does_not_send_care_leaves_the_defaults() -> None:
    sent = example_of("tenant")
    del sent["care"]
    assert msgspec.convert(replica_fields(TenantSettings, received(sent))["care"], Care) == Care()


def test_a_field_of_care_that_a_later_org_adds_is_left_out() -> None:
    sent = example_of("tenant")
    sent["care"] |= {"later": 1, "colours": [each | {"later": 1} for each in sent["care"]["colours"]]}
    msgspec.convert(replica_fields(TenantSettings, received(sent))["care"], Care)


def test_the_rough_outline_of_a_grid_is_kept_for_the_route() -> None:
    sent = example_of("grid")
    assert replica_fields(PlaceReplica, received(sent))["rough_outline"] == sent["rough_outline"] != []
