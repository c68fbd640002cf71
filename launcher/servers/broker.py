"""Private RabbitMQ node: own ports, and all data in one folder.

Runs Debian's package in place; reads and writes nothing outside the folder.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import shutil
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

from launcher import text_files
from launcher.problems import NotStarted
from launcher.servers import broker_comparison, broker_topology, process

# /usr/sbin/rabbitmq-server requires root or the rabbitmq user; this script runs as any user.
_DEBIAN = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")

# Two schedulers suit a small machine: each further one costs memory. The runtime gets the node's name and
# distribution port directly, so that it starts no port mapper daemon, which would outlive the broker.
_RUNTIME = (
    "-sname {node} -start_epmd false -erl_epmd_port {distribution} "
    "-kernel inet_dist_listen_min {distribution} -kernel inet_dist_listen_max {distribution} "
    "-kernel inet_dist_use_interface {{127,0,0,1}} +S 2:2"
)

_CONFIG = """\
listeners.tcp.1 = 127.0.0.1:{amqp}
management.tcp.ip = 127.0.0.1
management.tcp.port = {management}
prometheus.tcp.ip = 127.0.0.1
prometheus.tcp.port = {prometheus}
load_definitions = {definitions}
loopback_users = none
log.console = false
log.file.level = info
vm_memory_high_watermark.absolute = 1GiB
disk_free_limit.absolute = 64MiB
management_agent.disable_metrics_collector = true
"""


def find_server() -> Path | None:
    """Returns the server script on this machine, or None without RabbitMQ."""
    found = shutil.which("rabbitmq-server")
    return next((path for path in (_DEBIAN, Path(found) if found else None) if path and path.exists()), None)


class BrokerPorts(NamedTuple):
    amqp: int
    management: int
    prometheus: int
    distribution: int


class Broker:
    """The node in `folder`. `passwords` has one per user in `broker_topology.USERS`."""

    name = "broker"

    def __init__(self, folder: Path, ports: BrokerPorts, passwords: Mapping[str, str]) -> None:
        self.folder = folder
        self.ports = ports
        self.passwords = passwords
        self.log = folder / "log" / "linli@localhost.log"

    def uri(self, user: str, vhost: str = "/") -> str:
        password, vhost = quote(self.passwords[user], safe=""), quote(vhost, safe="")
        return f"amqp://{user}:{password}@127.0.0.1:{self.ports.amqp}/{vhost}"

    @property
    def identity(self) -> str:
        return ",".join(map(str, self.ports))

    @property
    def address(self) -> str:
        return f"amqp://127.0.0.1:{self.ports.amqp}"

    def version(self) -> str:
        return f"RabbitMQ {self.call('GET', '/api/overview')['rabbitmq_version']}"

    @property
    def management_url(self) -> str:
        return f"http://127.0.0.1:{self.ports.management}"

    def start(self) -> process.Process:
        """Starts the node, which loads the definitions while it boots; poll `ready` afterwards."""
        if self._document.exists() and not any(self._data.glob("*")):
            text_files.replace(self._lost, "")
        self._write_configuration()
        return process.start(
            [self._server()],
            env=self._environment() | {process.MARK: str(self.folder)},
            log=self.folder / "log" / "console.log",
            cwd=self.folder,
        )

    def ready(self) -> bool:
        """Whether it accepts connections: listeners open once the definitions are loaded."""
        try:
            self.call("GET", "/api/health/checks/port-listener/" + str(self.ports.amqp))
        except (urllib.error.URLError, OSError):
            return False
        return True

    def prepare_stop(self) -> None:
        """Call before SIGTERM: the node then stops in one second instead of six.

        On shutdown, the management plugin calls Erlang's application controller, which itself waits for the plugin
        to stop: a deadlock until the call times out. Removing the plugin's event handler first avoids it.
        """
        with contextlib.suppress(subprocess.SubprocessError, OSError):  # an unresponsive node is stopped all the same
            self.control("eval", "gen_event:delete_handler(rabbit_event, rabbit_mgmt_db_handler, []).", seconds=10)

    def import_definitions(self, vhost: str = "/") -> None:
        """Updates a running node to the current definitions; unchanged ones stay untouched."""
        self.call("POST", "/api/definitions", broker_topology.definitions(self.passwords, vhost))

    def lacking(self, tenants: Iterable[str]) -> list[broker_comparison.Object]:
        """Returns what the running node must have and has not, or has otherwise. Raises `OSError`."""
        present = self.call("GET", "/api/definitions")
        return broker_comparison.lacking(broker_topology.definitions(self.passwords), present, self.passwords, tenants)

    @property
    def has_lost_its_data(self) -> bool:
        """Whether its data is gone since it was started the last time, until `loss_is_noted`."""
        return self._lost.exists()

    def loss_is_noted(self) -> None:
        self._lost.unlink(missing_ok=True)

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """Calls the management API as the operator; returns the decoded answer, or None if it is empty."""
        token = base64.b64encode(
            f"{broker_topology.OPERATOR}:{self.passwords[broker_topology.OPERATOR]}".encode()
        ).decode()
        request = urllib.request.Request(
            self.management_url + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Basic {token}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            content = answer.read()
        return json.loads(content) if content else None

    def control(self, *words: str, seconds: float | None = None) -> None:
        """Runs rabbitmqctl on this node. Raises `CalledProcessError` with its output; `seconds`: timeout."""
        # rabbitmqctl must not listen: its port mapper is the node itself.
        alone = f"-start_epmd false -erl_epmd_port {self.ports.distribution} -dist_listen false"
        env = self._environment() | {"RABBITMQ_CTL_ERL_ARGS": alone}
        server = self._server()
        command = [str(server.with_name("rabbitmqctl")), "-q", *words]
        subprocess.run(command, env=env, check=True, capture_output=True, timeout=seconds)

    @property
    def _document(self) -> Path:
        return self.folder / "definitions.json"

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    @property
    def _lost(self) -> Path:
        return self.folder / "lost"

    def _write_configuration(self) -> None:
        definitions = broker_topology.definitions(self.passwords)
        configuration = _CONFIG.format(**self.ports._asdict(), definitions=self._document)
        text_files.replace(self.folder / "enabled_plugins", "[rabbitmq_management,rabbitmq_prometheus].\n")
        text_files.replace(self.folder / "rabbitmq.conf", configuration)
        text_files.replace(self._document, json.dumps(definitions, indent=1))

    @staticmethod
    def _server() -> Path:
        server = find_server()
        if server is None:
            raise NotStarted("broker", "RabbitMQ is not installed; install rabbitmq-server, or set AMQP_URI")
        return server

    def _environment(self) -> dict[str, str]:
        node = "linli@localhost"
        return {
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            # The Erlang cookie is in HOME: a private one keeps other nodes of the machine out.
            "HOME": str(self.folder),
            "RABBITMQ_NODENAME": node,
            "RABBITMQ_DIST_PORT": str(self.ports.distribution),
            "RABBITMQ_MNESIA_BASE": str(self._data),
            "RABBITMQ_LOG_BASE": str(self.folder / "log"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.folder / "enabled_plugins"),
            "RABBITMQ_CONFIG_FILE": str(self.folder / "rabbitmq.conf"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": _RUNTIME.format(node=node, distribution=self.ports.distribution),
            # The script then execs the node instead of waiting for it, so the process id is the node's.
            "detached": "1",
        }
