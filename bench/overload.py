"""Benchmark of overload: an open loop at one, two, five and ten times what the stack can bear, and what follows."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager

from bench import ground
from bench.city import GRIDS
from bench.figures import Figures
from bench.ground import Ground
from bench.http import ENGINES, OPERATIONS, SETTINGS, SMALLER, is_there, settle, stored_cases
from bench.open_loop import Client, Outcome, closed_loop, open_loop
from launcher.servers.processes import PARTS

_TIMES = (1, 2, 5, 10)
_SECONDS, _QUICK_SECONDS = 20, 4
#: Workers of the closed loop by which the capacity is measured.
_WORKERS = 16
#: Seconds within which an answer is of use.
_LIMIT = 3.0
_LEAST_SHARE = 0.8
_REFUSED_WITHIN_MS = 50.0
#: After the overload: requests a second, for how long, and when they must be served again.
_AFTER, _AFTER_SECONDS, _WELL_WITHIN = 8.0, 15, 5.0


def measure(figures: Figures, *, quick: bool) -> None:
    for engine, name in ENGINES.items():
        if not is_there(engine, figures):
            continue
        started = ground.started({"broker", "database", *PARTS}, SETTINGS | {"LINLI_ENGINE": engine})
        with _generator_apart(started) as here:
            figures.say(f"\n{engine}: a mix of reads, lists and reports, all requests in an open loop")
            prefix = "overload" if name == "http" else f"overload_{name}"
            asyncio.run(_measure(figures, here, prefix, _QUICK_SECONDS if quick else _SECONDS))


@contextmanager
def _generator_apart(started: AbstractContextManager[Ground]) -> Iterator[Ground]:
    """Keeps the last core for the load generator: what it needs itself must not count as the stack's loss."""
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, cores[:-1] or cores)  # whatever is started inherits it
    try:
        with started as here:
            os.sched_setaffinity(0, cores[-1:])
            yield here
    finally:
        os.sched_setaffinity(0, cores)


async def _measure(figures: Figures, here: Ground, prefix: str, seconds: int) -> None:
    requests = _requests(here)
    client = Client(here.installation.gateway_url)
    await closed_loop(client, requests, _WORKERS, seconds / 2)  # warms up
    capacity = await closed_loop(client, requests, _WORKERS, seconds)
    figures.add(f"{prefix}_capacity_per_second", capacity)
    stages = [(times * capacity, float(seconds)) for times in _TIMES]
    *levels, after = await open_loop(client, requests, [*stages, (_AFTER, _AFTER_SECONDS)])
    await client.close()
    good = [sum(outcome.is_good(_LIMIT) for outcome in level) / seconds for level in levels]
    best = max(capacity, *good)
    for times, level, rate in zip(_TIMES, levels, good, strict=True):
        _note(figures, f"{prefix}_x{times}", level, rate, min(best, times * capacity))
    bad = [outcome.due for outcome in after if not outcome.is_good(_LIMIT)]
    figures.add(f"{prefix}_well_again_seconds", max(bad, default=0.0), _WELL_WITHIN, most=True)


def _note(figures: Figures, name: str, level: Sequence[Outcome], rate: float, best: float) -> None:
    """`best`: the highest rate that this level could have."""
    figures.say(f"{name}: {dict(Counter(outcome.status for outcome in level))}")
    figures.add(f"{name}_good_per_second", rate)
    figures.add(f"{name}_good_ratio", rate / best, _LEAST_SHARE)
    refused = [outcome.seconds for outcome in level if outcome.status in (429, 503)]
    if refused:
        figures.add(f"{name}_refused_p50_ms", _percentile(refused, 50))
        figures.add(f"{name}_refused_p99_ms", _percentile(refused, 99), _REFUSED_WITHIN_MS, most=True)
    figures.add(f"{name}_generator_lag_p99_ms", _percentile([outcome.lag for outcome in level], 99))


def _percentile(seconds: Sequence[float], percentile: int) -> float:
    return 1000 * sorted(seconds)[min(len(seconds) - 1, len(seconds) * percentile // 100)]


def _requests(here: Ground) -> Iterator[bytes]:
    """Returns endless requests: of four, two read a case, one reports one and one lists fifty."""
    files, _ = settle(here, SMALLER)
    tokens = {who: itertools.cycle(files[who].read_text().split()) for who in set(OPERATIONS.values())}
    with stored_cases(here) as stored:
        cases = itertools.cycle([str(row["_id"]).partition(":")[2] for row in stored["cases"].find({}, {"_id": 1})])
    for number in itertools.count():
        address = f"10.0.{number // 250 % 250}.{number % 250}"  # a city's many, behind a trusted proxy
        if number % 4 == 0:
            yield _request("GET", "/v1/cases?state=REGISTERED&limit=50", next(tokens["street"]), address)
        elif number % 4 == 1:
            yield _request("POST", "/v1/cases", next(tokens["grid"]), address, _report(number))
        else:
            yield _request("GET", f"/v1/cases/{next(cases)}", next(tokens["hotline"]), address)


def _report(number: int) -> bytes:
    place = {"path": GRIDS[number // 4 % len(GRIDS)], "lon": 106.8, "lat": 39.6}
    return json.dumps({"category": "event.appearance.blocked-sewer", "place": place, "text": f"积水 {number}"}).encode()


def _request(verb: str, path: str, token: str, address: str, body: bytes = b"") -> bytes:
    head = [f"{verb} {path} HTTP/1.1", "Host: bench", f"Authorization: Bearer {token}", f"X-Forwarded-For: {address}"]
    if body:
        head += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
        head += [f"Idempotency-Key: {uuid.uuid4().hex}"]
    return "\r\n".join([*head, "", ""]).encode() + body
