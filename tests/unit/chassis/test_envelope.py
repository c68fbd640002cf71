"""The projection of the envelope has only fields of the envelope, and decodes what the envelope encodes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import get_type_hints

import msgspec

from chassis.envelope import STAFF, Envelope, Logged, encode


def test_each_field_of_the_projection_has_the_type_that_it_has_in_the_envelope() -> None:
    whole, part = get_type_hints(Envelope), get_type_hints(Logged)
    assert {name: kind for name, kind in part.items() if whole.get(name) != kind} == {"time": str}
    assert "time" in whole


def test_the_projection_of_an_event_holds_the_same_values() -> None:
    envelope = Envelope(
        specversion="1.0",
        id="e-1",
        source="/linli/sample",
        type="linli.sample.tally.counted.v1",
        subject="t-1",
        time=datetime(2026, 3, 2, tzinfo=UTC),
        datacontenttype="application/json",
        tenant="wuhai",
        area="/1503/",
        units=["1503"],
        visibility=STAFF,
        sequence=7,
        correlationid="c-1",
        data=msgspec.Raw(b"{}"),
    )
    logged = msgspec.json.decode(encode(envelope), type=Logged)
    part = msgspec.structs.asdict(logged)
    assert part == {name: getattr(envelope, name) for name in part} | {"time": "2026-03-02T00:00:00Z"}
    assert logged.name == "sample.tally.counted.v1"
