"""Fixtures: a broker that tests may stop, and fake services in the test process."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from gateway.rpc.connection import REPLIES, REQUESTS
from launcher.servers.broker import Broker
from launcher.servers.broker_topology import OPERATOR
from tests.integration.gateway.fake import FakeService
from tests.servers.machine import Machine, make_broker, started

VHOST = "open"


class BrokerProcess:
    """Its virtual host has the two exchanges and no queue, so that fake services can come and go."""

    def __init__(self, machine: Machine[Broker]) -> None:
        self._machine = machine
        self.uri = machine.server.uri(OPERATOR, VHOST)
        self.control = machine.server.control
        self.start = machine.start
        self.stop = machine.kill
        call = machine.server.call
        call("PUT", f"/api/vhosts/{VHOST}", {})
        call("PUT", f"/api/permissions/{VHOST}/{OPERATOR}", {"configure": ".*", "write": ".*", "read": ".*"})
        for exchange in (REQUESTS, REPLIES):
            call("PUT", f"/api/exchanges/{VHOST}/{exchange}", {"type": "direct", "durable": True})


@pytest.fixture(scope="session")
def broker_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrokerProcess]:
    with started(make_broker(tmp_path_factory.mktemp("gateway-broker"))) as machine:
        yield BrokerProcess(machine)


@pytest.fixture
async def cases(broker_process: BrokerProcess) -> AsyncIterator[FakeService]:
    service = FakeService(broker_process.uri, "cases")
    await service.start()
    yield service
    await service.stop()


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"
