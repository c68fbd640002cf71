"""Installation: the ports, secrets, data, logs and running processes that `./linli up` keeps in `.linli/`."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import re
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

from launcher.problems import Stopped
from launcher.servers import process
from launcher.servers.broker import Broker, BrokerPorts
from launcher.servers.broker_topology import GATEWAY, USERS
from launcher.servers.database import ADMINISTRATOR, Database, engine_of
from launcher.servers.missed_events import MissedEvents
from launcher.servers.ports import ChosenPorts
from launcher.servers.process_register import Member, Register
from launcher.servers.processes import PARTS, ROOT, Part, key_settings
from launcher.servers.secrets import Keys
from launcher.servers.supervisor import Supervisor

PREFERRED_PORT = 8080
_PASSWORD_LENGTH = 20
_DISPOSABLE = (
    *("broker", "database", "demo", "imports", "logs", "missed.json", "ports.json", "supervisor.lock"),
    *("secrets", "running"),
)
_OPERATOR_KEY = "LINLI_OPERATOR_KEY_FILE"


class Installation:
    """The installation of this checkout, or of the folder `LINLI_HOME`.

    It runs a private broker and database unless the environment names others: `AMQP_URI` and `MONGODB_URI`, or
    one address per part, such as `AMQP_URI_CASES`.
    """

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        self.folder = Path(environment.get("LINLI_HOME", ROOT / ".linli")).resolve()
        self.ports = ChosenPorts(self.folder / "ports.json")
        self.register = Register(self.folder / "running")
        self._environment = environment
        self.keys = Keys(self.folder / "secrets")
        self.missed_events = MissedEvents(self.folder / "missed.json")

    @classmethod
    def existing(cls) -> Installation:
        """Returns the one that `up` made, or that the environment names by its broker or operator's key.

        Raises `Stopped` if there is none.
        """
        installation = cls()
        is_named = installation._environment.keys() & {_OPERATOR_KEY, "AMQP_URI"}
        if not is_named and not installation.disposable:
            raise Stopped("nothing is set up yet; run ./linli up first")
        return installation

    def reconsider_ports(self) -> None:
        """Gives up ports of stopped members that other programs have taken, or that are not the preferred ones."""
        for name in self.ports.names:
            if self.register.find(name.partition(".")[0]) is None:
                self.ports.reconsider(name, PREFERRED_PORT if name == GATEWAY else 0)

    @cached_property
    def broker(self) -> Broker | None:
        """The private broker; None if another is configured."""
        if "AMQP_URI" in self._environment:
            return None
        numbers = BrokerPorts(*(self.ports.of(f"broker.{name}") for name in BrokerPorts._fields))
        return Broker(self.folder / "broker", numbers, {user: self.keys.password("broker", user) for user in USERS})

    @cached_property
    def database(self) -> Database | None:
        """The private database; None if another is configured."""
        if "MONGODB_URI" in self._environment:
            return None
        passwords = {user: self.keys.password("database", user) for user in (*PARTS, ADMINISTRATOR)}
        folder = self.folder / "database"
        engine = engine_of(folder, self._environment.get("LINLI_ENGINE", ""))
        return Database(folder, self.ports.of("database"), passwords, engine)

    @property
    def is_own(self) -> bool:
        """Whether both servers are private: then the secrets are too, and the demo may be loaded."""
        return self.broker is not None and self.database is not None

    @cached_property
    def parts(self) -> list[Part]:
        return [Part(name, self._settings(name), self.folder / "logs" / f"{name}.log") for name in PARTS]

    @property
    def members(self) -> list[Member]:
        """Everything that this installation starts itself, in starting order."""
        return [*self.servers, *self.parts, Supervisor(self.folder, self._environment)]

    @property
    def servers(self) -> list[Member]:
        """The private broker and database, without those for which others are configured."""
        return [server for server in (self.broker, self.database) if server]

    @property
    def knows_operator_key(self) -> bool:
        """Whether the operator's key is the one of its gateway."""
        return self.is_own or _OPERATOR_KEY in self._environment

    def stop(self, name: str) -> None:
        """Stops the member of this name."""
        if self.broker and name == self.broker.name and self.register.find(name):
            self.broker.prepare_stop()
        self.register.stop(name)

    @property
    def disposable(self) -> list[Path]:
        """What `down --purge` deletes: only what `up` and imports made, the data before its keys.

        Other files in the folder stay: data elsewhere may need keys that are there, such as those of `./linli secrets`.
        """
        return [path for name in _DISPOSABLE if os.path.lexists(path := self.folder / name)]

    @property
    def operator_key(self) -> bytes:
        """The key that signs operator tokens: its own, or the one in the file `LINLI_OPERATOR_KEY_FILE`."""
        configured = self._environment.get(_OPERATOR_KEY)
        return (Path(configured) if configured else self.keys.operator).read_bytes().strip()

    @property
    def demo_password(self) -> str:
        """The password of all demo sign-ins, derived from the operator's key so that it need not be stored."""
        digest = hmac.digest(self.operator_key, b"demo sign-ins", hashlib.sha256)
        return base64.b32encode(digest).decode().lower()[:_PASSWORD_LENGTH]

    @property
    def gateway_port(self) -> int:
        return int(self._environment.get("LINLI_GATEWAY_PORT") or self.ports.of(GATEWAY, PREFERRED_PORT))

    @property
    def has_own_port(self) -> bool:
        """Whether the environment says which port the gateway has."""
        return bool(self._environment.get("LINLI_GATEWAY_PORT"))

    @property
    def gateway_url(self) -> str:
        return self._environment.get("LINLI_GATEWAY_URL") or f"http://127.0.0.1:{self.gateway_port}"

    def amqp_uri(self, user: str) -> str:
        """Returns the broker's address for one of its users."""
        return self.broker.uri(user) if self.broker else self._configured("AMQP_URI", user)

    def mongodb_uri(self, user: str) -> str:
        """Returns the database's address for a part, as the user of its own database."""
        return self.database.uri(user) if self.database else self._configured("MONGODB_URI", user)

    def _configured(self, variable: str, user: str) -> str:
        return self._environment.get(f"{variable}_{user.upper()}", self._environment[variable])

    def _settings(self, part: str) -> dict[str, str]:
        own = {
            "AMQP_URI": self.amqp_uri(part),
            "MONGODB_URI": self.mongodb_uri(part),
            "LINLI_DATABASE": f"linli_{part}",
            "LINLI_REPLICA": part,
            process.MARK: str(self.folder / part),
            "LINLI_OPS_PORT": str(self.ports.of(f"{part}.ops")),
        }
        if self.database:
            own["LINLI_WRITE_CONCERN"] = self.database.engine.write_concern
        if part == GATEWAY:
            own["LINLI_GATEWAY_PORT"] = str(self.gateway_port)
        # Demo sign-ins are for this machine only, unless configured otherwise.
        defaults = {"LINLI_GATEWAY_HOST": "127.0.0.1", "LINLI_OPS_HOST": "127.0.0.1"}
        configured = {name: value for name, value in self._environment.items() if name.startswith("LINLI_")}
        configured.pop("LINLI_HOME", None)  # for the launcher alone
        return defaults | configured | own | self._secrets(part)

    def _secrets(self, part: str) -> dict[str, str]:
        """Returns generated secrets only for private servers; configured addresses need configured secrets.

        `LINLI_ROOT_KEY_FILE_CASES` is for one part, as with addresses.
        """
        if self.is_own:
            return key_settings(part, self.keys)
        files = [name for name in self._environment if re.fullmatch(rf"LINLI_\w+_KEY_FILE_{part.upper()}", name)]
        return {name.removesuffix(f"_{part.upper()}"): self._environment[name] for name in files}
