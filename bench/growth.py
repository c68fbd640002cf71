"""Benchmark of growth: the same operations beside 10,000, 100,000 and 1,000,000 cases of one city, in one run."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from pymongo.collection import Collection

from bench import ground
from bench.city import CASES, TENANT, write_lines
from bench.figures import Figures
from bench.ground import Ground
from bench.http import (
    OPERATIONS,
    QUICK_SECONDS,
    RECEIPTS,
    SECONDS,
    SETTINGS,
    SMALLER,
    WARM_UP,
    is_there,
    settle,
    stored_cases,
)
from bench.load import Load, Run
from launcher.servers.processes import PARTS

_ENGINE = "secantusd-rs"
_SIZES = (CASES, 10 * CASES, 100 * CASES)
_CONNECTIONS = 32
#: A list of 50 with 500 matches may use this many times the CPU that it uses beside the fewest cases.
_MOST_GROWTH = 1.2
_AT_ONCE = 5_000
_Row = dict[str, Any]


def measure(figures: Figures, *, quick: bool) -> None:
    if not is_there(_ENGINE, figures):
        return
    scale = SMALLER if quick else 1
    with ground.started({"broker", "database", *PARTS}, SETTINGS | {"LINLI_ENGINE": _ENGINE}) as here:
        figures.say(f"\n{_ENGINE}, {_CONNECTIONS} connections: cases, CPU ms per request by process")
        tokens, places = settle(here, scale)
        first: dict[str, float] = {}
        for size in _SIZES:
            _grow(here, size // scale)
            for operation, who in OPERATIONS.items():
                load = Load(here.installation.gateway_url, here.processes, tokens[who], _cases(here, operation), places)
                run = _measured(load, operation, size, QUICK_SECONDS if quick else SECONDS)
                _note(figures, operation, size // scale, run, first)
            _remove_created(here)


def _measured(load: Load, operation: str, size: int, seconds: int) -> Run:
    if operation != "change":  # each case can be changed only once
        load.run(operation, f"warm-{operation}-{size}-", _CONNECTIONS, WARM_UP)
    run = load.run(operation, f"{operation}-{size}-", _CONNECTIONS, seconds)
    if operation == "create":
        load.run(operation, f"to-change-{size}-", _CONNECTIONS, seconds)
    return run


def _cases(here: Ground, operation: str) -> Path:
    """Writes a file of case ids; for `change`, of those that were created here and not registered yet."""
    if operation == "follow":
        return RECEIPTS
    where = {"tenant": TENANT} | (
        {"kind": "grid_worker", "state": {"$in": ["REPORTED", "VERIFYING"]}} if operation == "change" else {}
    )
    with stored_cases(here) as stored:
        ids = [str(row["_id"]).partition(":")[2] for row in stored["cases"].find(where, {"_id": 1})]
    return write_lines(ground.FOLDER / f"{operation}.cases", ids)


def _note(figures: Figures, operation: str, size: int, run: Run, first: dict[str, float]) -> None:
    """Prints one line; `first` keeps the CPU at the smallest size."""
    total = sum(cpu for part, cpu in run.cpu.items() if part != "wrk")
    growth = total / first.setdefault(operation, total)
    parts = " ".join(f"{part} {cpu:.2f}" for part, cpu in run.cpu.items())
    figures.say(f"{operation:7}{size:9,}{run.rate:8.0f}/s  CPU {total:5.2f} × {growth:4.2f} ({parts})")
    figures.note(f"growth_{operation}_{size}_cpu_ms", total)
    most = _MOST_GROWTH if operation == "list" else None
    figures.note(f"growth_{operation}_{size}_ratio", growth, most, most=True)


def _grow(here: Ground, size: int) -> None:
    """Copies unlisted cases in the database, with their facts, until the city has `size` cases."""
    with stored_cases(here) as stored:
        base = list(
            stored["cases"].find(
                {"tenant": TENANT, "state": {"$in": ["REPORTED", "VERIFYING"]}, "kind": {"$ne": "grid_worker"}}
            )
        )
        missing = size - stored["cases"].count_documents({"tenant": TENANT})
        facts = {row["_id"]: row for row in stored["case_facts"].find({"tenant": TENANT})}
        copies = _copies(base, missing)
        while chosen := list(islice(copies, _AT_ONCE)):
            # Of their copies each has a number of its own.
            _insert(stored["cases"], [row | {"_id": key, "number": key[-32:]} for row, key in chosen])
            known = [(facts[row["_id"]], key) for row, key in chosen if row["_id"] in facts]
            _insert(stored["case_facts"], [row | {"_id": key} for row, key in known])


def _remove_created(here: Ground) -> None:
    """Removes what the load created and registered, so that a list has as many matches at every size."""
    with stored_cases(here) as stored:
        created = [row["_id"] for row in stored["cases"].find({"tenant": TENANT, "kind": "grid_worker"}, {"_id": 1})]
        for each in ("cases", "case_facts"):
            stored[each].delete_many({"_id": {"$in": created}})


def _copies(base: list[_Row], missing: int) -> Iterator[tuple[_Row, str]]:
    for number in range(max(missing, 0)):
        yield base[number % len(base)], f"{TENANT}:{uuid.uuid4().hex}"


def _insert(collection: Collection[_Row], rows: list[_Row]) -> None:
    if rows:
        collection.insert_many(rows, ordered=False)
