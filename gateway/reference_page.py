"""API reference at the gateway's address: Swagger UI and our sign-in, from this host alone, so it works offline.

Each file's name carries a hash of its content: a browser keeps it for good, and fetches a new version at once.
"""

from __future__ import annotations

import hashlib
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gateway.api.packed import Packed
from gateway.http.middleware import PAGES
from gateway.http.problems import NoSuchRoute

_OWN = Path(__file__).parent / "page"
_TYPES = {".js": "text/javascript", ".css": "text/css"}
_FOR_GOOD, _ASK_FIRST = "public, max-age=31536000, immutable", "no-cache"


class File:
    """A script or style. `name`: with the hash of its content before the suffix."""

    def __init__(self, source: Traversable) -> None:
        content = source.read_bytes()
        stem, suffix = source.name.rsplit(".", 1)
        self.name = f"{stem}.{hashlib.sha256(content).hexdigest()[:16]}.{suffix}"
        self._packed = Packed(content, _TYPES[f".{suffix}"])

    def answer(self, request: Request) -> Response:
        answer = self._packed.answer(request)
        answer.headers["Cache-Control"] = _FOR_GOOD
        return answer


def _files() -> dict[str, File]:
    """Returns the files by the names that the page calls them."""
    swagger_ui = resources.files("fastapi_swagger") / "resources"
    sources = [swagger_ui / "swagger-ui-bundle.js", swagger_ui / "swagger-ui.css", _OWN / "page.js", _OWN / "page.css"]
    return {source.name: File(source) for source in sources}


def _page(files: dict[str, File]) -> bytes:
    page = (_OWN / "index.html").read_text()
    for name, file in files.items():
        page = page.replace(f'"{name}"', f'"{PAGES}/{file.name}"')
    return page.encode()


def add_to(router: APIRouter) -> None:
    files = _files()
    page, by_name = _page(files), {file.name: file for file in files.values()}
    tag = f'"{hashlib.sha256(page).hexdigest()[:16]}"'

    @router.get("/", include_in_schema=False)
    async def front() -> Response:
        return RedirectResponse(PAGES)

    @router.get(PAGES, include_in_schema=False)
    async def reference(request: Request) -> Response:
        headers = {"Cache-Control": _ASK_FIRST, "ETag": tag}
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers=headers)
        return Response(page, headers=headers, media_type="text/html")

    @router.get(PAGES + "/{name}", include_in_schema=False)
    async def asset(request: Request, name: str) -> Response:
        if name not in by_name:
            raise NoSuchRoute()
        return by_name[name].answer(request)
