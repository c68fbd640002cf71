"""What the operator of an installation may do of every service, with a token that the operator's key signs."""

from __future__ import annotations

from chassis.types import Resync, Resynced
from gateway.api.table import Service

OPERATOR = "the operator"
#: The services that others keep copies of.
SERVICES = ("org", "cases")

OPERATIONS = [
    Service(service, answer=Resynced).acts(
        f"/v1/resync/{service}",
        "resync",
        f"Send one page of the present state of {service} to a service that keeps copies",
        OPERATOR,
        Resync,
        together=False,
        timeout=60.0,
    )
    for service in SERVICES
]
