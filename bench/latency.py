"""Benchmark of latency from an accepted report to its live event at a signed-in officer, at 100 cases per second."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections.abc import Sequence

import httpx

from bench import ground
from bench.city import GRIDS, City
from bench.figures import Figures
from launcher.problems import Stopped
from launcher.servers.processes import PARTS

RATE = 100
_SECONDS, _QUICK_SECONDS = 30, 3
_PATIENCE = 10.0
_GOAL = 50.0
_EVENT = "cases.case.reported.v1"


def measure(figures: Figures, *, quick: bool) -> None:
    with ground.started({"broker", "database", *PARTS}) as here:
        city = City(here.installation.gateway_url, here.installation.operator_key)
        seconds = _QUICK_SECONDS if quick else _SECONDS
        watch = Watch(here.installation.gateway_url, city.sign_in("street0").token)
        asyncio.run(watch.run(city.tokens("grid"), RATE * seconds))
    figures.add("latency_cases_per_second", watch.rate)
    for name, percentile in (("p50", 50), ("p95", 95), ("p99", 99)):
        accepted = _percentile(watch.accepted_to_event, percentile)
        figures.add(f"latency_accepted_to_event_{name}_ms", accepted, _GOAL if name == "p99" else None, most=True)
        figures.add(f"latency_sent_to_event_{name}_ms", _percentile(watch.sent_to_event, percentile))


class Watch:
    """Open-loop load at a fixed rate, and a listener on one live stream. Results are in milliseconds.

    An event that arrives before the answer counts as zero.
    """

    def __init__(self, url: str, token: str) -> None:
        self._url = url
        self._listener = _bearer(token)
        self._sent: dict[str, float] = {}
        self._accepted: dict[str, float] = {}
        self._heard: dict[str, float] = {}

    async def run(self, tokens: Sequence[str], count: int) -> None:
        limits = httpx.Limits(max_connections=200, max_keepalive_connections=200)
        async with httpx.AsyncClient(base_url=self._url, limits=limits, timeout=_PATIENCE) as client:
            listening = asyncio.Event()
            listener = asyncio.create_task(self._listen(client, listening, count))
            await listening.wait()
            begin = time.perf_counter()
            async with asyncio.TaskGroup() as reports:
                for number in range(count):
                    await asyncio.sleep(begin + number / RATE - time.perf_counter())
                    reports.create_task(self._report(client, tokens[number % len(tokens)], number))
            self.rate = count / (time.perf_counter() - begin)
            await asyncio.wait_for(listener, _PATIENCE)

    @property
    def accepted_to_event(self) -> list[float]:
        return [max(0.0, 1000 * (self._heard[case] - at)) for case, at in self._accepted.items()]

    @property
    def sent_to_event(self) -> list[float]:
        return [1000 * (self._heard[case] - at) for case, at in self._sent.items()]

    async def _report(self, client: httpx.AsyncClient, token: str, number: int) -> None:
        place = {"path": GRIDS[number % len(GRIDS)], "lon": 106.8 + number / 1e5, "lat": 39.6 + number / 1e5}
        report = {"category": "event.appearance.blocked-sewer", "place": place, "text": "路面积水"}
        headers = _bearer(token) | {"Idempotency-Key": uuid.uuid4().hex}
        sent = time.perf_counter()
        answer = await client.post("/v1/cases", json=report, headers=headers)
        if answer.status_code != 201:
            raise Stopped(f"a report was refused: {answer.status_code} {answer.text[:300]}")
        case = answer.json()["id"]
        self._sent[case], self._accepted[case] = sent, time.perf_counter()

    async def _listen(self, client: httpx.AsyncClient, listening: asyncio.Event, count: int) -> None:
        query = {"types": _EVENT}
        async with client.stream("GET", "/v1/events", params=query, headers=self._listener) as stream:
            async for line in stream.aiter_lines():
                listening.set()
                if line.startswith("data: "):
                    self._heard[json.loads(line[6:])["subject"]] = time.perf_counter()
                if len(self._heard) == count:
                    return


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def _percentile(values: Sequence[float], percentile: int) -> float:
    return sorted(values)[min(len(values) - 1, len(values) * percentile // 100)]
