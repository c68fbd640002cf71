"""While its database is away a service takes no events; then it goes on within seconds, and has parked nothing."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from chassis.messaging.names import BACKOFF
from chassis.messaging.tenant_log import declare_tenant_log
from launcher.servers.broker import Broker
from launcher.servers.database import Database
from launcher.servers.process import wait_until
from launcher.servers.secrets import Keys
from tests.integration.chassis.anyone import Broker as AnyonesBroker
from tests.integration.chassis.anyone import added
from tests.integration.chassis.conftest import SAMPLE
from tests.servers.caller import Caller
from tests.servers.machine import Machine
from tests.servers.site import Site

EVENTS = 300


@pytest.fixture
def away_site(broker: Broker, own_database: Machine[Database], keys: Keys, tmp_path: Any) -> Iterator[Site]:
    site = Site(broker, own_database.server, keys, tmp_path)
    yield site
    site.close()
    broker.call("DELETE", f"/api/vhosts/{site.name}")


def test_a_service_without_its_database_takes_no_events_and_goes_on_when_it_is_back(
    away_site: Site, own_database: Machine[Database]
) -> None:
    site, tenant = away_site, f"t{uuid.uuid4().hex[:8]}"
    declare_tenant_log(site.amqp("org"), tenant)
    running = site.launch("cases", runs=SAMPLE)
    running.wait_until_ready()
    caller = Caller(site.amqp("gateway"), site.keys, tenant=tenant)
    caller("sum", name="a")
    caller.close()
    own_database.kill()
    rights = {"configure": ".*", "write": ".*", "read": ".*"}
    site.broker.call("PUT", "/api/users/anyone", {"password": "anyone", "tags": ""})
    site.broker.call("PUT", f"/api/permissions/{site.name}/anyone", rights)
    bus = AnyonesBroker(f"amqp://anyone:anyone@127.0.0.1:{site.broker.ports.amqp}/{site.name}")
    assert wait_until(lambda: not running.part.ready(), 60)
    for number in range(EVENTS):
        bus.publish(added(tenant, "a", by=1, subject=f"T{number}"))
    queues = ["cases", *(f"cases.retry.{seconds}" for seconds in sorted(set(BACKOFF)))]
    # Ready in the queues, none at the service: it has put back what it had, and takes no more.
    assert wait_until(lambda: sum(bus.waiting(queue) for queue in queues) == EVENTS, 60)
    assert wait_until(lambda: bus.waiting("cases") == EVENTS, 60)
    own_database.start()
    rows = site.collections("cases").sum
    assert wait_until(lambda: rows.find_one({"_id": f"{tenant}:a"})["total"] == EVENTS, 60)
    assert [bus.waiting(queue) for queue in [*queues, "cases.parked"]] == [0] * (len(queues) + 1)
    bus.close()
