"""What the operator of an installation may do of every service, with a token that the operator's key signs."""

from __future__ import annotations

from collections.abc import Iterable

from chassis.types import Resync, Resynced
from gateway.api.operation import Operation
from gateway.api.table import Service


def of_each(services: Iterable[str]) -> list[Operation]:
    return [
        Service(service, answer=Resynced).acts(
            f"/v1/resync/{service}",
            "resync",
            f"Send one page of the present state of {service} to a service that keeps replicas",
            "the operator",
            Resync,
            together=False,
            timeout=60.0,
        )
        for service in services
    ]
