"""Benchmark of the API under load: signed-in people create, change, read and list cases."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pymongo
from pymongo.database import Database

from bench import ground
from bench.city import CASES, GRIDS, LISTED, TENANT, City, write_lines
from bench.figures import Figures
from bench.ground import Ground
from bench.load import Load, Run
from launcher.problems import NotStarted, Stopped
from launcher.servers import process
from launcher.servers.database import ADMINISTRATOR, find_engine
from launcher.servers.processes import PARTS

CONNECTIONS = (1, 8, 32)
_PATIENCE = 600
SECONDS, QUICK_SECONDS, WARM_UP = 10, 3, 2
#: How many times smaller the data of a quick run is.
SMALLER = 20
#: Requests per second on the compiled engine at 32 connections.
GOALS = {"create": 600, "change": 450, "read": 1000, "follow": 1000, "list": 150}
_P99_GOAL = 100.0
#: Callers and order: lists and reads come before the number of cases grows.
OPERATIONS = {"list": "street", "read": "hotline", "follow": "hotline", "create": "grid", "change": "street"}
RECEIPTS = ground.FOLDER / "receipts"
ENGINES = {"secantusd-rs": "http", "secantusd-py": "embedded"}
# Rate limits are not what is measured. Everything else is as in production.
_UNLIMITED = "1000000/second"
_LIMITS = ("LINLI_RATE_LIMIT", "LINLI_SIGN_IN_LIMIT", "LINLI_ADDRESS_LIMIT", "LINLI_ANONYMOUS_LIMIT")
SETTINGS = dict.fromkeys(_LIMITS, _UNLIMITED)


def measure(figures: Figures, *, quick: bool) -> None:
    for engine, name in ENGINES.items():
        if not is_there(engine, figures):
            continue
        with ground.started({"broker", "database", *PARTS}, SETTINGS | {"LINLI_ENGINE": engine}) as here:
            figures.say(f"\n{engine}: connections, requests/s, latency in ms, CPU ms per request by process")
            for operation, connections, run in _runs(here, quick):
                _note(figures, name, operation, connections, run)


def is_there(engine: str, figures: Figures) -> bool:
    """Returns whether the engine is installed, and says so if it is not. `LINLI_ENGINE` leaves out all but one."""
    if os.environ.get("LINLI_ENGINE", engine) != engine:
        return False
    try:
        return bool(find_engine(engine))
    except NotStarted:
        figures.say(f"{engine} is not installed; see bench/README.md")
        return False


def _runs(here: Ground, quick: bool) -> Iterator[tuple[str, int, Run]]:
    tokens, places = settle(here, SMALLER if quick else 1)
    seconds = QUICK_SECONDS if quick else SECONDS
    for operation, who in OPERATIONS.items():
        shares = _cases(here, operation)
        for connections, cases in zip(CONNECTIONS, shares, strict=True):
            load = Load(here.installation.gateway_url, here.processes, tokens[who], cases, places)
            if operation != "change":  # its code is warm already, and each case can be changed only once
                load.run(operation, f"warm-{operation}-{connections}-", connections, WARM_UP)
            yield operation, connections, load.run(operation, f"{operation}-{connections}-", connections, seconds)
        if operation == "create":
            load.run(operation, "to-change-", max(CONNECTIONS), 2 * seconds)


def settle(here: Ground, scale: int) -> tuple[dict[str, Path], Path]:
    """Opens the city with its cases. Returns files of tokens by role, and of places to report at."""
    city = City(here.installation.gateway_url, here.installation.operator_key)
    city.import_cases(CASES // scale, LISTED // scale)
    _skip_indicators(here, CASES // scale)
    write_lines(RECEIPTS, city.receipts())
    tokens = {who: write_lines(ground.FOLDER / f"{who}.tokens", city.tokens(who)) for who in OPERATIONS.values()}
    return tokens, write_lines(ground.FOLDER / "places", GRIDS)


def _skip_indicators(here: Ground, count: int) -> None:
    """Marks the imported facts as counted: computing their indicators would take minutes and disturb the run."""
    with stored_cases(here) as stored:
        facts = stored["case_facts"]
        if not process.wait_until(lambda: facts.count_documents({"tenant": TENANT}) == count, _PATIENCE, every=1):
            raise Stopped(f"the events of the import were not handled within {_PATIENCE} s")
        facts.update_many({"tenant": TENANT}, {"$set": {"stale": False}})


@contextmanager
def stored_cases(here: Ground) -> Iterator[Database[dict[str, Any]]]:
    """Opens the database of cases."""
    database = here.installation.database
    assert database is not None  # noqa: S101  # a fresh installation has its own
    with pymongo.MongoClient[dict[str, Any]](database.uri(ADMINISTRATOR)) as client:
        yield client["linli_cases"]


def _cases(here: Ground, operation: str) -> list[Path]:
    """Writes a file of case ids per number of connections; for `change`, disjoint files of the created cases.

    To follow a case takes its code as well: a line of `RECEIPTS` has both. The sizes follow how many cases each number
    of connections is expected to change.
    """
    if operation == "follow":
        return [RECEIPTS] * len(CONNECTIONS)
    with stored_cases(here) as stored:
        where = {"tenant": TENANT, "kind": "grid_worker"} if operation == "change" else {"tenant": TENANT}
        ids = [str(row["_id"]).partition(":")[2] for row in stored["cases"].find(where, {"_id": 1})]
    few, half = len(ids) // 8, len(ids) // 2
    shares = [ids[:few], ids[few:half], ids[half:]] if operation == "change" else [ids] * len(CONNECTIONS)
    return [
        write_lines(ground.FOLDER / f"{operation}.{connections}.cases", share)
        for connections, share in zip(CONNECTIONS, shares, strict=True)
    ]


def _note(figures: Figures, engine: str, operation: str, connections: int, run: Run) -> None:
    name = f"{engine}_{operation}_c{connections}"
    total = sum(cpu for part, cpu in run.cpu.items() if part != "wrk")
    parts = " ".join(f"{part} {cpu:.2f}" for part, cpu in run.cpu.items())
    figures.say(
        f"{operation:7}{connections:3}{run.rate:8.0f}/s  p50 {run.p50:6.1f} p95 {run.p95:6.1f} p99 {run.p99:6.1f}"
        f"  CPU {total:5.2f} ({parts})"
    )
    compiled = engine == "http"
    goal = GOALS[operation] if compiled and connections == max(CONNECTIONS) else None
    figures.note(f"{name}_per_second", run.rate, goal)
    for percentile in ("p50", "p95", "p99"):
        limit = _P99_GOAL if compiled and percentile == "p99" and connections == 8 else None
        figures.note(f"{name}_{percentile}_ms", getattr(run, percentile), limit, most=True)
    for part, cpu in run.cpu.items():
        figures.note(f"{name}_{part}_cpu_ms", cpu)
    figures.note(f"{name}_cpu_ms", total)
