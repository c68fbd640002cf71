"""TCP proxy between the gateway and its broker; can break one side alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit


class TcpProxy:
    """`uri` reaches the broker through the proxy."""

    def __init__(self, uri: str, server: asyncio.Server) -> None:
        parts = urlsplit(uri)
        port = server.sockets[0].getsockname()[1]
        self.uri = parts._replace(netloc=f"{parts.username}:{parts.password}@127.0.0.1:{port}").geturl()
        self.near: list[asyncio.StreamWriter] = []
        self.far: list[asyncio.StreamWriter] = []

    def break_near(self) -> None:
        """Closes the gateway's connections; the broker still holds them."""
        for writer in self.near:
            writer.close()


@asynccontextmanager
async def relaying(uri: str) -> AsyncIterator[TcpProxy]:
    broker = urlsplit(uri)
    tasks = set()

    async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            writer.write(data)

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(broker.hostname, broker.port)
        relay.near.append(writer)
        relay.far.append(far_writer)
        tasks.add(asyncio.create_task(copy(reader, far_writer)))
        tasks.add(asyncio.create_task(copy(far_reader, writer)))

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    relay = TcpProxy(uri, server)
    yield relay
    server.close()
    for writer in relay.near + relay.far:
        writer.close()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
