"""Requests as bytes, on a connection of their own."""

from __future__ import annotations

import asyncio

from tests.integration.gateway.running import Site


class Raw:
    """A connection to the gateway, on which one person sends what no client would."""

    def __init__(self, site: Site) -> None:
        self._address = (str(site.http.base_url.host), site.http.base_url.port)
        self._headers = "\r\n".join(f"{name}: {value}" for name, value in site.signed_in("u-lan").items())

    async def __aenter__(self) -> Raw:
        self._reader, self._writer = await asyncio.open_connection(*self._address)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._writer.close()

    def send(self, path: str, more: str = "", times: int = 1, then: bytes = b"") -> None:
        """Sends a request so many times in one piece. `more`: headers, and a body behind a blank line."""
        request = f"GET {path} HTTP/1.1\r\nHost: a\r\n{self._headers}\r\n{more}\r\n".encode()
        self._writer.write(request * times + then)

    async def head(self) -> str:
        return (await asyncio.wait_for(self._reader.readuntil(b"\r\n\r\n"), 60)).decode()

    async def answer(self) -> tuple[int, dict[str, str], bytes]:
        status, *lines = (await self.head()).strip().split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in lines)
        return int(status.split()[1]), headers, await self._reader.readexactly(int(headers["content-length"]))

    async def rest(self) -> bytes:
        """Returns what comes until the gateway closes the connection."""
        return await asyncio.wait_for(self._reader.read(), 60)

    async def fill(self, path: str) -> int:
        """Sends requests without reading until the gateway ends the connection. Returns how many it took."""
        sent = 0
        while True:
            self.send(path, times=1000)
            try:
                await asyncio.wait_for(self._writer.drain(), 60)
            except ConnectionError:
                return sent
            sent += 1000
