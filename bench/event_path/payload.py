"""Payload of all contenders: a dispatched case, about 700 bytes of JSON."""

from __future__ import annotations

from typing import Any

from chassis.clock import SystemClock
from chassis.envelope import Envelope, raw
from chassis.ids import uuid7

#: A tenant without a log, so that an event goes to a single queue as with the others, and one with a log.
TENANT, LOGGED_TENANT = "wuhai", "yaan"
KIND = "cases.case.dispatched.v1"
CASES = 5000
NAMEKO_QUORUM, NAMEKO_CLASSIC = "bench_quorum", "bench_classic"
FASTSTREAM_QUEUE = "bench.faststream"

STATE: dict[str, Any] = {
    "state": "DISPATCHED",
    "category": "facilities/manhole",
    "priority": "P3",
    "kind": "grid_worker",
    "area": "/1503/150302/150302011/150302011001/150302011001001/",
    "lead": "urban-management",
    "units": ["urban-management", "housing"],
    "due": "2026-11-29T09:00:00Z",
    "marks": [],
    "confidentiality": "named",
    "reopened": 0,
    "reworked": 0,
}


def nameko_queue(service: str) -> str:
    """Returns the queue name that nameko gives to a service that handles its own events."""
    return f"evt-{service}-{KIND}--{service}.on_dispatched"


def subject(number: int) -> str:
    return f"CASE{number % CASES:012}"


def envelope(number: int, tenant: str = TENANT) -> Envelope:
    """Builds a new event for one of many cases."""
    return Envelope(
        specversion="1.0",
        datacontenttype="application/json",
        id=uuid7(),
        source="/linli/cases",
        type=f"linli.{KIND}",
        subject=subject(number),
        time=SystemClock().now(),
        tenant=tenant,
        area=STATE["area"],
        units=STATE["units"],
        sequence=number // CASES + 1,
        correlationid=uuid7(),
        actor="U000000000000001",
        data=raw({"case": STATE, "from": "150302011", "to": "urban-management"}),
    )
