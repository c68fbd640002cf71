"""Content that is encoded once and compressed once: files and documents that do not change while the gateway runs."""

from __future__ import annotations

import gzip
from functools import cached_property

from starlette.requests import Request
from starlette.responses import Response


class Packed:
    def __init__(self, content: bytes, media_type: str) -> None:
        self._plain = content
        self._media_type = media_type

    @cached_property
    def _gzip(self) -> bytes:
        return gzip.compress(self._plain, mtime=0)

    def answer(self, request: Request) -> Response:
        """Returns the content, compressed if the client takes that."""
        if "gzip" not in request.headers.get("accept-encoding", ""):
            return Response(self._plain, headers={"Vary": "Accept-Encoding"}, media_type=self._media_type)
        headers = {"Vary": "Accept-Encoding", "Content-Encoding": "gzip"}
        return Response(self._gzip, headers=headers, media_type=self._media_type)
