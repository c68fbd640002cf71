"""The event path: publishing and handling beside stock nameko and FastStream, in turn on the same broker."""

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
    """`count`: so many events that a round takes seconds. `variant` ends the names of its acts."""

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
    # With the rights that the service has in production, and no more.
    Contender("ours", "ours", "cases", 40_000, "cases"),
)
_OURS = CONTENDERS[-1]


@dataclass(frozen=True)
class Result:
    """Of one contender in one round; `cpu` is that of its own process, in seconds."""

    count: int
    seconds: float
    cpu: float

    @property
    def rate(self) -> float:
        return self.count / self.seconds


def measure(figures: Figures, *, quick: bool) -> None:
    """Publishing and handling; then ours with an effect in the database beside bare bulk writes to it."""
    rounds = _QUICK_ROUNDS if quick else _ROUNDS
    with ground.started({"broker", "database"}) as here:
        broker = _prepared(here)
        _beside_others(figures, broker, rounds, quick)
        _with_effect(figures, here, rounds, quick)


def _beside_others(figures: Figures, broker: Broker, rounds: int, quick: bool) -> None:
    results: dict[tuple[str, str], list[Result]] = {}
    for _ in range(rounds):
        for each in CONTENDERS:
            for act in _ACTS:
                uri, count = broker.uri(each.user), each.count // (10 if quick else 1)
                result = run(each.module, act + each.variant, uri, count)
                results.setdefault((each.name, act), []).append(result)
            _empty(broker, each.queue)
        logged = run(_OURS.module, "publish_logged", broker.uri(_OURS.user), _OURS.count // (10 if quick else 1))
        results.setdefault(("ours_logged", "publish"), []).append(logged)
        _empty(broker, _OURS.queue)
    with_log = _middle(results["ours_logged", "publish"], lambda one: one.rate)
    figures.add("publish_ours_logged_per_second", with_log)
    for act in _ACTS:
        for each in CONTENDERS:
            of = results[each.name, act]
            figures.add(f"{act}_{each.name}_per_second", _middle(of, lambda one: one.rate))
            figures.add(f"{act}_{each.name}_cpu_ms", _middle(of, lambda one: one.cpu / one.count * 1000))
        for other, goal in (("nameko", 12), ("nameko_classic", None), ("faststream", 3)):
            pairs = zip(results["ours", act], results[other, act], strict=True)
            figures.add(f"{act}_vs_{other}_ratio", statistics.median(a.rate / b.rate for a, b in pairs), goal)


def _with_effect(figures: Figures, here: Ground, rounds: int, quick: bool) -> None:
    """The handler changes one of many aggregates; its mark and its effect are one write, and it happens once."""
    database, uri = here.installation.mongodb_uri("cases"), here.installation.amqp_uri("cases")
    count = 1_000 if quick else 10_000
    bare, ours = [], []
    for _ in range(rounds):
        bare.append(run("effect", "bare", database, count))
        run("effect", "publish", uri, count)
        ours.append(run("effect", "handle", uri, count, MONGODB_URI=database))
        _empty(_broker(here), _OURS.queue)
    figures.add("effect_bare_bulk_writes_per_second", _middle(bare, lambda one: one.rate))
    figures.add("effect_ours_per_second", _middle(ours, lambda one: one.rate))
    figures.add("effect_ours_cpu_ms", _middle(ours, lambda one: one.cpu / one.count * 1000))
    ratio = statistics.median(a.rate / b.rate for a, b in zip(ours, bare, strict=True))
    figures.add("effect_vs_bare_bulk_writes_ratio", ratio)


def run(module: str, act: str, uri: str, count: int, **settings: str) -> Result:
    """One contender as a process of its own. Raises `Stopped` with what it said when it fails."""
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
    """A user with all rights for those that declare what they use; for ours the tenant's log and the binding."""
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
    """What the last acknowledgements of a round did not reach would be in the way of the next."""
    connection = amqp.connect(broker.uri(_USER))
    channel = connection.channel()

    def empty() -> bool:
        channel.queue_purge(queue)
        state = channel.queue_declare(queue, passive=True)
        return state.consumer_count == state.message_count == 0

    if not process.wait_until(empty, 30):
        raise Stopped(f"the queue {queue} did not become empty")
    amqp.close(connection)


def _middle(results: list[Result], figure: Callable[[Result], Any]) -> float:
    return float(statistics.median(figure(one) for one in results))
