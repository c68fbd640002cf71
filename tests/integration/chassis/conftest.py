"""Fixtures: one process of the sample service for each module, and a new tenant and caller for each test."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator

import pytest

from chassis.clock import SystemClock
from chassis.messaging.tenant_log import declare_tenant_log
from chassis.persistence.collections import TenantCollections
from chassis.persistence.data_source import DataSource
from chassis.persistence.outbox_relay import OutboxRelay
from launcher.servers.broker import Broker
from launcher.servers.database import Database
from launcher.servers.secrets import Keys
from tests.integration.chassis.anyone import Broker as AnyonesBroker
from tests.integration.chassis.sample import Board, Mirror, Tally
from tests.servers.caller import Caller
from tests.servers.site import Running, Site

SAMPLE = "tests.integration.chassis.sample:SampleWithResync"


@pytest.fixture(scope="module")
def sample_site(
    broker: Broker, database: Database, keys: Keys, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    site = Site(broker, database, keys, tmp_path_factory.mktemp("sample"))
    yield site
    site.remove()


@pytest.fixture(scope="module")
def sample(sample_site: Site) -> Running:
    running = sample_site.launch("cases", runs=SAMPLE)
    running.wait_until_ready()
    return running


@pytest.fixture
def tenant(sample_site: Site) -> str:
    """A new tenant, used only by this test, with its event log."""
    tenant = f"t{uuid.uuid4().hex[:8]}"
    declare_tenant_log(sample_site.amqp("org"), tenant)
    return tenant


@pytest.fixture
def caller(sample_site: Site, sample: Running, tenant: str) -> Iterator[Caller]:
    if not sample.process.alive:
        sample.restart()
    caller = Caller(sample_site.amqp("gateway"), sample_site.keys, tenant=tenant)
    yield caller
    caller.close()


@pytest.fixture
def source(site: Site) -> Iterator[DataSource]:
    """The data of a service, in this process. Its relay does not run, so nothing is published."""
    own = site.service_settings("cases")
    collections = TenantCollections(own.mongodb_uri, own.database, {}, own.write_concern, [Tally, Board, Mirror])
    collections.ensure_indexes()
    yield DataSource("cases", collections, OutboxRelay(own.amqp_uri, collections, SystemClock()), SystemClock())
    collections.close()


@pytest.fixture
def as_anyone(sample_site: Site) -> Iterator[AnyonesBroker]:
    server, vhost = sample_site.broker, sample_site.name
    server.call("PUT", "/api/users/anyone", {"password": "anyone", "tags": ""})
    rights = {"configure": ".*", "write": ".*", "read": ".*"}
    server.call("PUT", f"/api/permissions/{vhost}/anyone", rights)
    broker = AnyonesBroker(f"amqp://anyone:anyone@127.0.0.1:{server.ports.amqp}/{vhost}")
    yield broker
    broker.close()


@pytest.fixture
def total(sample_site: Site, tenant: str) -> Callable[[str], int]:
    def read(name: str) -> int:
        row = sample_site.collections("cases").sum.find_one({"_id": f"{tenant}:{name}"})
        return int(row["total"]) if row else -1

    return read
