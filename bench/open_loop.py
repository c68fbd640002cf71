"""Open-loop load generator: requests at a fixed rate, however long the answers take.

A closed loop waits for answers, so it sends less to what is overloaded, and hides the overload.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias
from urllib.parse import urlsplit

#: Seconds after which a request is given up.
_GIVEN_UP = 15.0
_Connection: TypeAlias = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass(frozen=True, slots=True)
class Outcome:
    """`due`: when the request was to be sent, in seconds from the start of its stage; `lag`: how late it was sent.

    `seconds`: from `due` to the last byte. `status`: 0 if there was no answer.
    """

    due: float
    lag: float
    seconds: float
    status: int

    def is_good(self, limit: float) -> bool:
        return self.status in (200, 201) and self.seconds <= limit


class Client:
    """HTTP/1.1 on as many connections as there are requests in flight. httpx would be the bottleneck."""

    def __init__(self, url: str) -> None:
        self._host, self._port = str(urlsplit(url).hostname), int(urlsplit(url).port or 80)
        self._idle: list[_Connection] = []

    async def close(self) -> None:
        for _, writer in self._idle:
            writer.close()

    async def status(self, request: bytes) -> int:
        """Sends a request and reads the answer. Returns its status, or 0 if there was none."""
        try:
            async with asyncio.timeout(_GIVEN_UP):
                return await self._exchange(request)
        except (OSError, asyncio.IncompleteReadError):  # a timeout is an OSError
            return 0

    async def _exchange(self, request: bytes) -> int:
        reader, writer = connection = await self._connection()
        try:
            writer.write(request)
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            _, _, rest = head.partition(b"content-length: ")
            await reader.readexactly(int(rest.partition(b"\r\n")[0]))
        except BaseException:
            writer.close()
            raise
        self._idle.append(connection)
        return int(head.split(b" ", 2)[1])

    async def _connection(self) -> _Connection:
        while self._idle:
            connection = self._idle.pop()
            if not connection[0].at_eof():  # the server closes what is idle for long
                return connection
        return await asyncio.open_connection(self._host, self._port)


async def closed_loop(client: Client, requests: Iterator[bytes], workers: int, seconds: float) -> float:
    """Returns how many requests a second succeed if each worker waits for its answer before it sends the next one."""
    end = time.perf_counter() + seconds
    statuses: list[int] = []

    async def work() -> None:
        while time.perf_counter() < end:
            statuses.append(await client.status(next(requests)))

    await asyncio.gather(*(work() for _ in range(workers)))
    return sum(status in (200, 201) for status in statuses) / seconds


async def open_loop(
    client: Client, requests: Iterator[bytes], stages: Sequence[tuple[float, float]]
) -> list[list[Outcome]]:
    """Sends through all stages (requests a second, seconds) without a pause. Returns the outcomes of each."""
    outcomes: list[list[Outcome]] = [[] for _ in stages]

    async def send(stage: int, start: float, due: float) -> None:
        lag = time.perf_counter() - start - due
        status = await client.status(next(requests))
        outcomes[stage].append(Outcome(due, lag, time.perf_counter() - start - due, status))

    async with asyncio.TaskGroup() as tasks:
        start = time.perf_counter()
        for stage, (rate, seconds) in enumerate(stages):
            for number in range(int(rate * seconds)):
                if (left := start + number / rate - time.perf_counter()) > 0:
                    await asyncio.sleep(left)
                tasks.create_task(send(stage, start, number / rate))
            start += seconds
    return outcomes
