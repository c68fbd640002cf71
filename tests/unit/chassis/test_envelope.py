"""The envelope is read by one definition: what it refuses reaches no handler and no live stream."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from chassis.envelope import Unreadable, decode, encode

EVENT: dict[str, Any] = {
    "specversion": "1.0",
    "id": "e-1",
    "source": "/linli/sample",
    "type": "linli.sample.tally.counted.v1",
    "subject": "t-1",
    "time": "2026-03-02T00:00:00Z",
    "datacontenttype": "application/json",
    "tenant": "wuhai",
    "sequence": 7,
    "correlationid": "c-1",
    "data": {"count": 1},
}


def test_what_was_encoded_is_decoded_again() -> None:
    envelope = decode(msgspec.json.encode(EVENT))
    assert msgspec.json.decode(encode(envelope)) == EVENT
    assert decode(encode(envelope)) == envelope
    assert (envelope.name, envelope.routing_key) == ("sample.tally.counted.v1", "wuhai.sample.tally.counted.v1")


@pytest.mark.parametrize("field", EVENT)
def test_an_envelope_without_a_field_is_unreadable(field: str) -> None:
    with pytest.raises(Unreadable):
        decode(msgspec.json.encode({name: value for name, value in EVENT.items() if name != field}))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("specversion", "0.3"),
        ("datacontenttype", "text/plain"),
        ("time", "yesterday"),
        ("time", "2026-03-02T00:00:00"),
        ("sequence", -1),
        ("sequence", 2**63),
        ("sequence", "7"),
        ("tenant", "../../"),
        ("tenant", ""),
        ("units", "water"),
    ],
)
def test_an_envelope_with_a_wrong_field_is_unreadable(field: str, value: object) -> None:
    with pytest.raises(Unreadable):
        decode(msgspec.json.encode(EVENT | {field: value}))
