"""Benchmark of the event path: publishing and handling, compared in turn to nameko and FastStream on one broker."""

from __future__ import annotations

import json
import secrets
import statistics
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import ground
from bench.event_path import payload
from bench.figures import Figures
from bench.ground import Ground
from chassis.messaging import amqp
from chassis.messaging.names import EVENTS
from chassis.messaging.tenant_log import declare_tenant_log
from launcher.problems import Stopped
from launcher.servers import process
from launcher.servers.broker import Broker
from launcher.servers.external_tools import tool
from launcher.servers.processes import ROOT

_ROUNDS, _QUICK_ROUNDS = 5, 2
_PATIENCE = 180
_ACTS = ("publish", "handle")
_USER = "bench"


@dataclass(frozen=True)
class Contender:
    """A library under test. `count`: enough events for a round of seconds. `variant`: suffix of its act names."""

    name: str
    module: str
    queue: str
    count: int
    user: str = _USER
    variant: str = ""


CONTENDERS = (
    Contender("nameko", "stock_nameko", payload.nameko_queue(payload.NAMEKO_QUORUM), 4_000),
    Contender(
        "nameko_classic", "stock_nameko", payload.nameko_queue(payload.NAMEKO_CLASSIC), 4_000, variant="_classic"
    ),
    Contender("faststream", "faststream_app", payload.FASTSTREAM_QUEUE, 12_000),
    # With the permissions that the service has in production.
    Contender("ours", "ours", "cases", 40_000, "cases"),
)
_OURS = CONTENDERS[-1]


@dataclass(frozen=True)
class Result:
    """Result of one contender in one round. `cpu`: seconds of its own process."""

    count: int
    seconds: float
    cpu: float

    @property
    def rate(self) -> float:
        return self.count / self.seconds


def measure(figures: Figures, *, quick: bool) -> None:
    """Measures publishing and handling, then ours with a database effect against bare bulk writes."""
    rounds = _QUICK_ROUNDS if quick else _ROUNDS
    with ground.started({"broker", "database"}) as here:
        broker = _prepared(here)
        _compare(figures, broker, here.installation.mongodb_uri("cases"), rounds, quick)
        _with_effect(figures, here, rounds, quick)


def _compare(figures: Figures, broker: Broker, database: str, rounds: int, quick: bool) -> None:
    results: dict[tuple[str, str], list[Result]] = {}
    for _ in range(rounds):
        for each in CONTENDERS:
            for act in _ACTS:
                uri, count = broker.uri(each.user), each.count // (10 if quick else 1)
                result = run(each.module, act + each.variant, uri, count, MONGODB_URI=database)
                results.setdefault((each.name, act), []).append(result)
            _empty(broker, each.queue)
        logged = run(_OURS.module, "publish_logged", broker.uri(_OURS.user), _OURS.count // (10 if quick else 1))
        results.setdefault(("ours_logged", "publish"), []).append(logged)
        _empty(broker, _OURS.queue)
    with_log = _median(results["ours_logged", "publish"], lambda one: one.rate)
    figures.add("publish_ours_logged_per_second", with_log)
    for act in _ACTS:
        for each in CONTENDERS:
            of = results[each.name, act]
            figures.add(f"{act}_{each.name}_per_second", _median(of, lambda one: one.rate))
            figures.add(f"{act}_{each.name}_cpu_ms", _median(of, lambda one: one.cpu / one.count * 1000))
        for other, goal in (("nameko", 12), ("nameko_classic", None), ("faststream", 3)):
            pairs = zip(results["ours", act], results[other, act], strict=True)
            figures.add(f"{act}_vs_{other}_ratio", statistics.median(a.rate / b.rate for a, b in pairs), goal)


def _with_effect(figures: Figures, here: Ground, rounds: int, quick: bool) -> None:
    """The handler changes one of many aggregates: idempotency record and effect are one write, exactly once."""
    database, uri = here.installation.mongodb_uri("cases"), here.installation.amqp_uri("cases")
    count = 1_000 if quick else 10_000
    bare, ours = [], []
    for _ in range(rounds):
        bare.append(run("effect", "bare", database, count))
        run("effect", "publish", uri, count)
        ours.append(run("effect", "handle", uri, count, MONGODB_URI=database))
        _empty(_broker(here), _OURS.queue)
    figures.add("effect_bare_bulk_writes_per_second", _median(bare, lambda one: one.rate))
    figures.add("effect_ours_per_second", _median(ours, lambda one: one.rate))
    figures.add("effect_ours_cpu_ms", _median(ours, lambda one: one.cpu / one.count * 1000))
    ratio = statistics.median(a.rate / b.rate for a, b in zip(ours, bare, strict=True))
    figures.add("effect_vs_bare_bulk_writes_ratio", ratio)


def run(module: str, act: str, uri: str, count: int, **settings: str) -> Result:
    """Runs one contender in a separate process. Raises `Stopped` with its output if it fails."""
    command: list[str | Path] = [tool("python", "bench"), "-m", f"bench.event_path.{module}", act, uri, str(count)]
    env = {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", **settings}
    try:
        done = subprocess.run(
            command, env=env, cwd=ROOT, capture_output=True, text=True, timeout=_PATIENCE, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise Stopped(f"{module} {act} did not end within {_PATIENCE} s:\n{_end(error.stderr)}") from error
    if done.returncode:
        raise Stopped(f"{module} {act} failed:\n{_end(done.stderr)}")
    return Result(**json.loads(done.stdout.splitlines()[-1]))


def _end(output: str | bytes | None) -> str:
    text = output.decode(errors="replace") if isinstance(output, bytes) else output or ""
    return "\n".join(text.splitlines()[-15:])


def _prepared(here: Ground) -> Broker:
    """Prepares the broker: a user with all permissions for the others; the log and binding for ours."""
    broker = _broker(here)
    broker.passwords = {**broker.passwords, _USER: secrets.token_urlsafe(24)}
    broker.call("PUT", f"/api/users/{_USER}", {"password": broker.passwords[_USER], "tags": ""})
    broker.call("PUT", f"/api/permissions/%2F/{_USER}", {"configure": ".*", "write": ".*", "read": ".*"})
    declare_tenant_log(broker.uri("org"), payload.LOGGED_TENANT)
    connection = amqp.connect(broker.uri("cases"))
    connection.channel().queue_bind("cases", EVENTS, f"*.{payload.KIND}")
    amqp.close(connection)
    return broker


def _broker(here: Ground) -> Broker:
    assert here.installation.broker is not None  # noqa: S101  # a fresh installation has its own
    return here.installation.broker


def _empty(broker: Broker, queue: str) -> None:
    """Purges a queue: messages left unacknowledged by a round would disturb the next."""
    connection = amqp.connect(broker.uri(_USER))
    channel = connection.channel()

    def empty() -> bool:
        channel.queue_purge(queue)
        state = channel.queue_declare(queue, passive=True)
        return state.consumer_count == state.message_count == 0

    if not process.wait_until(empty, 30):
        raise Stopped(f"the queue {queue} did not become empty")
    amqp.close(connection)


def _median(results: list[Result], figure: Callable[[Result], Any]) -> float:
    return float(statistics.median(figure(one) for one in results))
