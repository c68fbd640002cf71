"""Blocking RPC client for tests, which calls a service as the gateway does."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Sequence
from typing import Any

import pika
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from chassis.security.principal import Principal
from chassis.security.principal_token import sign
from launcher.servers.secrets import Keys
from tests.servers.declared import check


def signing_key(keys: Keys) -> Ed25519PrivateKey:
    return load_pem_private_key(keys.file("principal.pem").read_bytes(), None)  # type: ignore[return-value]


class Caller:
    """RPC client. `caller("read", tally=key)` returns `{"ok": …}` or `{"problem": …}`, or None after a timeout."""

    def __init__(self, amqp: str, keys: Keys, service: str = "cases", tenant: str = "wuhai") -> None:
        self.principal = Principal(tenant=tenant, subject="tester", roles=frozenset({"street"}), area="/1503/")
        self.key = signing_key(keys)
        self.service = service
        self._connection = pika.BlockingConnection(pika.URLParameters(amqp))
        self._channel = self._connection.channel()
        self._queue = f"replies.{uuid.uuid4().hex}"
        self._channel.queue_declare(self._queue, exclusive=True)
        self._channel.queue_bind(self._queue, "linli.replies", self._queue)
        self._channel.basic_consume(self._queue, self._on_reply, auto_ack=True)
        self._replies: dict[str, Any] = {}

    def __call__(self, method: str, key: str = "", if_match: int | None = None, **args: Any) -> Any:
        return self.many([self.call(method, key, if_match, **args)])[0]

    def call(self, method: str, key: str = "", if_match: int | None = None, **args: Any) -> dict[str, Any]:
        """Builds one call of a message; a test may change its fields before sending it with `many`."""
        return {
            "id": uuid.uuid4().hex,
            "method": method,
            "args": args,
            "principal": sign(self.principal, self.key),
            "key": key,
            "if_match": if_match,
            "deadline": time.time() + 30,
            "correlation_id": uuid.uuid4().hex,
            "traceparent": "",
        }

    def many(self, calls: Sequence[dict[str, Any]], seconds: float = 30) -> list[Any]:
        """Sends the calls in one message and waits up to `seconds` for all replies."""
        self.send(calls)
        replies = self.wait([call["id"] for call in calls], seconds)
        for call, reply in zip(calls, replies, strict=True):
            if reply is not None and "ok" in reply:
                check(self.service, call["method"], reply["ok"])
        return replies

    def send(self, calls: Sequence[dict[str, Any]]) -> None:
        self.send_raw(json.dumps({"calls": list(calls)}).encode())

    def send_raw(self, body: bytes, message_id: str = "") -> None:
        self._channel.basic_publish(
            "linli.requests",
            self.service,
            body,
            pika.BasicProperties(reply_to=self._queue, delivery_mode=1, message_id=message_id),
            mandatory=True,
        )

    def wait(self, ids: Sequence[str], seconds: float = 30) -> list[Any]:
        end = time.monotonic() + seconds
        while not self._replies.keys() >= set(ids) and time.monotonic() < end:
            self._connection.process_data_events(0.05)
        return [self._replies.pop(call_id, None) for call_id in ids]

    def close(self) -> None:
        self._connection.close()

    def _on_reply(self, channel: Any, method: Any, properties: Any, body: bytes) -> None:
        message = json.loads(body)
        for reply in message.get("replies", [message]):
            self._replies[reply["id"]] = reply
