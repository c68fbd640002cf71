"""Route table of the operator, whose token is signed with the operator's key: the same operations for each service."""

from __future__ import annotations

from collections.abc import Iterable

from chassis.types import Resync, Resynced
from gateway.api.operation import Operation
from gateway.api.table import RouteBuilder
from vocabulary.roles import Permission


def of_each(services: Iterable[str]) -> list[Operation]:
    return [
        RouteBuilder(service, answer=Resynced, tag="operator").acts(
            f"/v1/resync/{service}",
            "resync",
            f"Send one page of the current state of {service} to a service that keeps replicas",
            Permission.OPERATE,
            Resync,
            batched=False,
            timeout=60.0,
        )
        for service in services
    ]
