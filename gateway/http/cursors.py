"""Pagination cursors: opaque and signed, so that nobody can inject a query into one."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.http.problems import BadRequest

_TAG = 12


class BadCursor(BadRequest):
    code = "bad_cursor"
    en = "The cursor does not belong to this list with these filters; start again without it."
    zh = "游标与此列表及筛选条件不符，请去掉游标重新开始。"


class Cursors:
    """Signs and verifies cursors."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        # A separate key, derived from the secret that all replicas share.
        self._key = hashlib.sha256(b"linli cursors" + key.private_bytes_raw()).digest()

    def write(self, position: Any, listed: str) -> str:
        """Returns a cursor. `position` must be JSON-able; `listed` names the list with its tenant and filters."""
        body = msgspec.json.encode(position)
        return base64.urlsafe_b64encode(self._tag(body, listed) + body).rstrip(b"=").decode()

    def read(self, cursor: str, listed: str) -> Any:
        """Returns the position. Raises `BadCursor` unless `write` made the cursor for the same list."""
        try:
            raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError) as error:
            raise BadCursor() from error
        tag, body = raw[:_TAG], raw[_TAG:]
        if not hmac.compare_digest(tag, self._tag(body, listed)):
            raise BadCursor()
        return msgspec.json.decode(body)

    def _tag(self, body: bytes, listed: str) -> bytes:
        return hmac.digest(self._key, listed.encode() + b"\x00" + body, "sha256")[:_TAG]
