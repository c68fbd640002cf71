"""A real broker of the session's own, and services that answer from the test's process."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pika
import pytest

from gateway.broker import REPLIES, REQUESTS
from tests.integration.gateway.fake import FakeService

SERVER = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def listens(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def until_it_listens(port: int, process: subprocess.Popen[bytes], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not listens(port):
        if process.poll() is not None or time.monotonic() > end:
            raise RuntimeError("the process does not listen")
        time.sleep(0.1)


class BrokerProcess:
    """RabbitMQ as a private process; `port` stays the same over a restart."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.port = free_port()
        self._environment = os.environ | {
            "HOME": str(home),
            "RABBITMQ_NODENAME": f"gateway{self.port}@localhost",
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_DIST_PORT": str(free_port()),
            "ERL_EPMD_PORT": str(free_port()),
            "RABBITMQ_MNESIA_BASE": str(home / "mnesia"),
            "RABBITMQ_LOG_BASE": str(home / "log"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(home / "plugins"),
            "RABBITMQ_CONFIG_FILE": str(home / "rabbitmq"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 1:1 +sbwt none",
        }
        (home / "plugins").write_text("[].")
        self.start()

    @property
    def uri(self) -> str:
        return f"amqp://guest:guest@127.0.0.1:{self.port}/"

    def start(self) -> None:
        self._process = subprocess.Popen([SERVER], env=self._environment, stdout=subprocess.DEVNULL)
        until_it_listens(self.port, self._process)
        self._declare_exchanges()

    def _declare_exchanges(self) -> None:
        """As the broker's definitions do: the gateway itself may not."""
        with pika.BlockingConnection(pika.URLParameters(self.uri)) as connection:
            for exchange in (REQUESTS, REPLIES):
                connection.channel().exchange_declare(exchange, "direct", durable=True)

    def control(self, *arguments: str) -> None:
        subprocess.run(
            ["/usr/lib/rabbitmq/bin/rabbitmqctl", "-q", *arguments], env=self._environment, check=True, timeout=60
        )

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(timeout=60)


@pytest.fixture(scope="session")
def broker_process() -> Iterator[BrokerProcess]:
    if not SERVER.exists():
        pytest.fail("these tests run a real broker: install rabbitmq-server")
    home = Path(tempfile.mkdtemp(prefix="linli-gateway-broker-"))
    process = BrokerProcess(home)
    yield process
    process.stop()
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
async def cases(broker_process: BrokerProcess) -> AsyncIterator[FakeService]:
    service = FakeService(broker_process.uri, "cases")
    await service.start()
    yield service
    await service.stop()


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"
