"""Calls a service as the gateway does, for what no address of the API offers: opening a city, resynchronising.

Who has the gateway's key and its user on the broker is the operator of the installation.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import pika
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from chassis.access import Principal
from chassis.errors import RemoteProblem
from chassis.principal import sign
from launcher.definitions import OPERATOR, REPLIES, REQUESTS
from launcher.problems import Stopped

_PATIENCE = 30.0


def operator_of(tenant: str) -> Principal:
    """The operator, acting in one tenant."""
    return Principal(tenant=tenant, subject=OPERATOR, roles=frozenset({OPERATOR}))


class Caller:
    """A connection of its own, with the broker's URI of the gateway and the private key for principals."""

    def __init__(self, amqp_uri: str, key: Path) -> None:
        self._key = load_pem_private_key(key.read_bytes(), None)
        self._connection = pika.BlockingConnection(pika.URLParameters(amqp_uri))
        self._channel = self._connection.channel()
        self._replies = f"replies.{uuid.uuid4().hex}"
        self._channel.queue_declare(self._replies, exclusive=True)
        self._channel.queue_bind(self._replies, REPLIES, self._replies)

    def call(
        self,
        service: str,
        method: str,
        args: Mapping[str, Any],
        *,
        by: Principal,
        key: str = "",
        if_match: int | None = None,
    ) -> Any:
        """The answer; raises `RemoteProblem`, and `Stopped` when none comes within half a minute."""
        call = {
            "id": uuid.uuid4().hex,
            "method": method,
            "args": args,
            "principal": sign(by, self._key),  # type: ignore[arg-type]  # Ed25519 by agreement
            "key": key,
            "if_match": if_match,
        }
        properties = pika.BasicProperties(reply_to=self._replies, delivery_mode=1)
        self._channel.basic_publish(REQUESTS, service, msgspec.json.encode({"calls": [call]}), properties)
        reply = self._reply_to(str(call["id"]))
        if reply is None:
            raise Stopped(f"{service} does not answer; see ./linli status")
        if "problem" in reply:
            raise RemoteProblem(reply["problem"])
        return reply["ok"]

    def close(self) -> None:
        self._connection.close()

    def _reply_to(self, wanted: str) -> dict[str, Any] | None:
        end = time.monotonic() + _PATIENCE
        while time.monotonic() < end:
            _, _, body = self._channel.basic_get(self._replies, auto_ack=True)
            if body is None:
                time.sleep(0.005)
                continue
            reply: dict[str, Any] = msgspec.json.decode(body)
            for each in reply.get("replies", [reply]):
                if each["id"] == wanted:
                    return dict(each)
        return None
