"""HTTP client of the public API, for the launcher's commands."""

from __future__ import annotations

import http.client
import json
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable
from typing import Any

from chassis.errors import Invalid, NotFound
from chassis.security import operator_token
from chassis.types import TENANT
from launcher.installation import Installation
from launcher.problems import Stopped

_PATIENCE = 60


class Refused(Stopped):
    """The API returned a `problem` (RFC 9457)."""

    def __init__(self, what: str, problem: dict[str, Any]) -> None:
        self.problem = problem
        fields = "; ".join(f"{field['field']}: {field['reason']}" for field in problem.get("fields", []))
        super().__init__(f"{what}: {problem.get('title', 'no answer')}{f' ({fields})' if fields else ''}")

    @property
    def is_invalid(self) -> bool:
        """Whether the problem names invalid fields."""
        return bool(self.problem.get("code") == Invalid.code)


class NotAnswering(Stopped):
    """Nothing answers at the address, or something that is no gateway."""

    def __init__(self, url: str) -> None:
        super().__init__(f"No gateway answers at {url}. Run ./linli status, or ./linli up to start it.")


class NoSuchCity(Stopped):
    def __init__(self, tenant: str, url: str) -> None:
        super().__init__(f"There is no city {tenant!r} at {url}; name one that has been opened.")


class Api:
    """Client for one caller. Retries 429, 503 and 504 for a minute, with the same idempotency key."""

    def __init__(self, url: str, token: str | Callable[[], str] = "", tenant: str = "", language: str = "en") -> None:
        """Without a token, calls anonymously in the city `tenant`. A token that is a function is made for each call."""
        self.url = url.rstrip("/")
        self._token = token
        self._tenant = tenant
        self._language = language

    def in_language(self, language: str) -> Api:
        """Returns the same client with problems in another language."""
        return Api(self.url, self._token, self._tenant, language)

    @property
    def token(self) -> str:
        return self._token if isinstance(self._token, str) else self._token()

    def signed_in(self, tenant: str, login: str, password: str) -> Api:
        session = self.post("/v1/sessions", tenant=tenant, login=login, password=password)
        return Api(self.url, session["token"])

    def get(self, path: str) -> Any:
        return self.call("GET", path)

    def post(self, path: str, /, **body: Any) -> Any:
        return self.call("POST", path, body)

    def put(self, path: str, /, **body: Any) -> Any:
        return self.call("PUT", path, body)

    def patch(self, path: str, body: Any, version: int) -> Any:
        """Sends a JSON Merge Patch of the resource that was read in this version."""
        content = json.dumps(body).encode()
        return self._send("PATCH", path, content, "application/merge-patch+json", if_match=f'"{version}"')

    def call(self, verb: str, path: str, body: Any = None, key: str = "") -> Any:
        """Returns the decoded answer. Raises `Refused`."""
        content = None if body is None else json.dumps(body).encode()
        return self._send(verb, path, content, "application/json", key)

    def upload(self, path: str, file: bytes, **fields: str) -> Any:
        """Sends a multipart form with a file. Raises `Refused`."""
        boundary = uuid.uuid4().hex
        parts = [f'name="{name}"\r\n\r\n{value}'.encode() for name, value in fields.items()]
        parts.append(b'name="file"; filename="file"\r\nContent-Type: application/octet-stream\r\n\r\n' + file)
        lines = b"".join(
            b"--%b\r\nContent-Disposition: form-data; %b\r\n" % (boundary.encode(), part) for part in parts
        )
        content = lines + b"--%b--\r\n" % boundary.encode()
        return self._send("POST", path, content, f"multipart/form-data; boundary={boundary}")

    def _send(
        self, verb: str, path: str, content: bytes | None, kind: str, key: str = "", *, if_match: str = ""
    ) -> Any:
        headers = {"Accept-Language": self._language, "Idempotency-Key": key or uuid.uuid4().hex}
        if if_match:
            headers["If-Match"] = if_match
        if token := self.token:
            headers["Authorization"] = f"Bearer {token}"
        if self._tenant:
            headers["Linli-Tenant"] = self._tenant
        if content is not None:
            headers["Content-Type"] = kind
        try:
            request = urllib.request.Request(self.url + path, content, headers, method=verb)
        except ValueError as error:
            raise NotAnswering(self.url) from error
        return self._with_retries(request)

    def _with_retries(self, request: urllib.request.Request) -> Any:
        end = time.monotonic() + _PATIENCE
        while True:
            try:
                with urllib.request.urlopen(request, timeout=_PATIENCE) as answer:
                    content = answer.read()
                return json.loads(content) if content else None
            except urllib.error.HTTPError as refusal:
                if refusal.code not in (429, 503, 504) or time.monotonic() > end:
                    raise Refused(f"{request.method} {request.selector}", _problem(refusal)) from refusal
                time.sleep(min(float(refusal.headers.get("Retry-After") or 1), 5))
            except (OSError, http.client.HTTPException, ValueError) as error:
                raise NotAnswering(self.url) from error


def _problem(refusal: urllib.error.HTTPError) -> dict[str, Any]:
    try:
        return dict(json.loads(refusal.read()))
    except ValueError:
        return {"title": f"{refusal.code} {refusal.reason}"}


def as_operator(tenant: str, url: str = "") -> Api:
    """Returns a client of this installation's operator in one tenant."""
    installation = Installation.existing()
    if not TENANT.fullmatch(tenant):
        raise NoSuchCity(tenant, url or installation.gateway_url)
    key = installation.operator_key
    # A resync or an import of a large city takes longer than a token is valid.
    return Api(url or installation.gateway_url, lambda: operator_token.issue(tenant, key))


def as_operator_in(tenant: str, url: str = "") -> Api:
    """Returns the operator's client in an existing tenant. Raises `NoSuchCity`."""
    api = as_operator(tenant, url)
    try:
        api.get("/v1/tenant")
    except Refused as refusal:
        if refusal.problem.get("code") == NotFound.code:
            raise NoSuchCity(tenant, api.url) from refusal
        raise
    return api
