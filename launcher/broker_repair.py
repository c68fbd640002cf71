"""Broker repair: makes again what the private broker has lost, and notes whose events went with it.

A running service makes its own queue again before a command can see the loss, and counts it in its database.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pymongo
from pymongo.database import Database

from chassis.messaging.tenant_log import declare_tenant_log
from launcher.installation import Installation
from launcher.servers import broker_comparison
from launcher.servers.broker_comparison import Object
from launcher.service_list import NAMES, SERVICES

_TIMEOUT_MS = 5000
_TENANTS_OF = "org"
_SHOWN = 4


def repair(installation: Installation) -> None:
    """Sets the running broker right. What may have been missed is noted first: the repair hides the loss."""
    if not (broker := installation.broker):
        return
    tenants = tenants_of(installation)
    found = broker.lacking(tenants)
    installation.missed_events.note(NAMES if broker.has_lost_its_data else broker_comparison.missed_by(found), tenants)
    broker.loss_is_noted()
    if found:
        broker.import_definitions()
        maker = next(service.name for service in SERVICES if service.makes_tenant_logs)
        for kind, *names in found:
            if kind == "log":
                declare_tenant_log(broker.uri(maker), names[0])
        print(f"{broker.name:10} lacked {listed(found)}; made again", flush=True)


def take_over_losses(installation: Installation) -> None:
    """Notes as missed what services of a private installation have counted as lost since. Raises `PyMongoError`."""
    tenants = tenants_of(installation)
    for service in NAMES:
        with _database(installation, service) as database:
            if row := database["broker"].find_one({"lost": {"$gt": 0}}):
                installation.missed_events.note([service], tenants)
                # What was lost meanwhile stays counted.
                database["broker"].update_one({"_id": row["_id"]}, {"$inc": {"lost": -row["lost"]}})


def tenants_of(installation: Installation) -> list[str]:
    """Returns the cities of an installation, each of which has a log. Raises `PyMongoError`."""
    with _database(installation, _TENANTS_OF) as database:
        return sorted(database["tenants"].distinct("tenant"))


@contextmanager
def _database(installation: Installation, service: str) -> Iterator[Database[dict[str, Any]]]:
    uri = installation.mongodb_uri(service)
    part = next(part for part in installation.parts if part.name == service)
    with pymongo.MongoClient[dict[str, Any]](uri, serverSelectionTimeoutMS=_TIMEOUT_MS) as client:
        yield client[part.settings["LINLI_DATABASE"]]


def listed(found: list[Object]) -> str:
    """Returns the first few and the number of the others."""
    more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    return ", ".join(map(broker_comparison.shown, found[:_SHOWN])) + more
