"""Settings of a process: one typed object, read once from the environment. No secret has a default."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pymongo.write_concern import WriteConcern

from chassis.clock import Clock, ShiftedClock, SystemClock
from chassis.errors import Problem


class MissingSetting(Problem):
    """A required environment variable is not set."""

    code = "missing_setting"
    en = "Set {name}: {purpose}. It has no default; `./linli up` generates one."
    zh = "请设置 {name}：{purpose}。该项没有默认值；`./linli up` 会自动生成。"


class BadSetting(Problem):
    """An environment variable, or the file that it names, is not valid."""

    code = "bad_setting"
    en = "{name} is not valid: {reason}."
    zh = "{name} 无效：{reason}。"


#: Options of every database client of a process that serves callers.
DATABASE_TIMEOUTS: dict[str, Any] = {
    "serverSelectionTimeoutMS": 3000,
    "connectTimeoutMS": 3000,
    "socketTimeoutMS": 20000,
}


def concern(name: str) -> WriteConcern:
    """Parses `LINLI_WRITE_CONCERN`: a number of members or a mode such as `majority`; "" means the server's default."""
    return WriteConcern(int(name) if name.isdigit() else name or None)


@dataclass(frozen=True, repr=False)
class Settings:
    """The settings of every Linli process. `repr` is off because some of them are secret."""

    service: str
    amqp_uri: str
    replica: str
    ops_port: int
    mongodb_uri: str = ""
    database: str = ""
    write_concern: str = ""
    placement: Mapping[str, str] = field(default_factory=dict)
    clock_file: str = ""
    ops_host: str = "0.0.0.0"
    max_workers: int = 128
    environment: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def for_service(cls, service: str, environment: Mapping[str, str]) -> Settings:
        """Reads the settings of a service (`cases`). Raises `MissingSetting` or `BadSetting`."""
        reader = _Reader(environment)
        return cls(
            service=service,
            amqp_uri=reader.need("AMQP_URI", "the broker, as this service's own user"),
            mongodb_uri=reader.need("MONGODB_URI", "the database, as this service's own user"),
            database=environment.get("LINLI_DATABASE", f"linli_{service}"),
            replica=environment.get("LINLI_REPLICA", service),
            ops_port=reader.number("LINLI_OPS_PORT", 9000),
            ops_host=environment.get("LINLI_OPS_HOST", "0.0.0.0"),
            write_concern=environment.get("LINLI_WRITE_CONCERN", ""),
            placement=reader.mapping("LINLI_PLACEMENT"),
            clock_file=environment.get("LINLI_CLOCK_FILE", ""),
            max_workers=reader.number("LINLI_MAX_WORKERS", 128),
            environment=dict(environment),
        )

    def clock(self) -> Clock:
        return ShiftedClock(Path(self.clock_file)) if self.clock_file else SystemClock()

    def secret(self, name: str, purpose: str) -> bytes:
        """Returns the content of the file that the variable `name` points to.

        Raises `MissingSetting` or `BadSetting`.
        """
        path = Path(_Reader(self.environment).need(name, f"the file that holds {purpose}"))
        try:
            content = path.read_bytes()
        except OSError as error:
            raise BadSetting(name=name, reason=str(error)) from error
        if not content.strip():
            raise BadSetting(name=name, reason="the file is empty")
        return content


class _Reader:
    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment

    def need(self, name: str, purpose: str) -> str:
        value = self._environment.get(name, "")
        if not value:
            raise MissingSetting(name=name, purpose=purpose)
        return value

    def number(self, name: str, default: int) -> int:
        value = self._environment.get(name, str(default))
        if not value.isdecimal():
            raise BadSetting(name=name, reason=f"{value!r} is not a whole number")
        return int(value)

    def mapping(self, name: str) -> Mapping[str, str]:
        try:
            return dict(json.loads(self._environment.get(name, "{}")))
        except ValueError as error:
            raise BadSetting(name=name, reason="it is not a JSON object") from error
