"""RPC client of a running org, as the gateway calls it; reads its events from the tenant's log."""

from __future__ import annotations

import time
import uuid
from typing import Any

import msgspec
import pika
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from chassis.errors import RemoteProblem
from chassis.messaging.wire import WireCall, WireMessage
from chassis.security.principal import Principal
from chassis.security.principal_token import sign
from launcher.servers.broker_topology import GATEWAY, REPLIES, REQUESTS
from tests.servers.declared import check
from tests.servers.site import Site
from tests.servers.waiting import wait_for


class OrgClient:
    """A caller with its own connection; call `close` at the end."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._key = load_pem_private_key(site.keys.file("principal.pem").read_bytes(), None)
        self._connection = pika.BlockingConnection(pika.URLParameters(site.amqp(GATEWAY)))
        self._channel = self._connection.channel()
        self._replies = f"replies.{uuid.uuid4().hex}"
        self._channel.queue_declare(self._replies, exclusive=True)
        self._channel.queue_bind(self._replies, REPLIES, self._replies)

    def ask(self, by: Principal, method: str, *, key: str = "", if_match: int | None = None, **args: Any) -> Any:
        """Returns the result. Raises `RemoteProblem`."""
        call = WireCall(
            id=uuid.uuid4().hex,
            method=method,
            args=msgspec.to_builtins(args),
            principal=sign(by, self._key),  # type: ignore[arg-type]  # Ed25519 by agreement
            key=key,
            if_match=if_match,
            deadline=time.time() + 30,
        )
        properties = pika.BasicProperties(reply_to=self._replies)
        self._channel.basic_publish(REQUESTS, "org", msgspec.json.encode(WireMessage([call])), properties)
        reply = wait_for(lambda: self._next_reply(call.id))
        if "problem" in reply:
            raise RemoteProblem(reply["problem"])
        check("org", method, reply["ok"])
        return reply["ok"]

    def events(self, tenant: str, kind: str) -> list[dict[str, Any]]:
        """Returns every event of the type in the tenant's log, from its beginning."""
        events = [msgspec.json.decode(body) for body in self._site.log(tenant)]
        return [event for event in events if event["type"] == f"linli.{kind}"]

    def close(self) -> None:
        self._connection.close()

    def _next_reply(self, call_id: str) -> dict[str, Any] | None:
        _, _, body = self._channel.basic_get(self._replies, auto_ack=True)
        reply: dict[str, Any] = msgspec.json.decode(body) if body else {"replies": []}
        return next((each for each in reply.get("replies", [reply]) if each["id"] == call_id), None)
