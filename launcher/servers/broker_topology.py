"""Broker topology: every exchange, queue, binding, policy, user and permission, in one document.

The private broker, the compose file and the cluster all import the result of `definitions()`, so a queue is the
same everywhere. Limits and dead-lettering are policies, never queue arguments: arguments cannot be changed once a
queue exists.

Each service `S` has
- `S`, a quorum queue, which the service itself binds to the event types that it handles;
- `S.again`, an exchange with the keys `again` (to `S`), `retry.<seconds>` and `parked`;
- `S.retry.<seconds>`, where a message waits before it returns to `S`, and `S.parked`, the dead-letter queue for
  people to inspect;
- `requests.S`, the calls of the gateway;
- `S.mark`, an empty queue that the service itself declares, and that shows it whether the broker lost its data
  (docs/decisions/0019): it must not be part of the definitions.

All services publish the signed heads of their audit logs to `linli.audit`; the stream `audit.heads` keeps them.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
from collections.abc import Iterable, Mapping
from typing import Any

from chassis.messaging.names import AUDIT, BACKOFF, EVENTS, REPLIES, REQUESTS, RESYNC, mark_of
from launcher.service_list import NAMES, SERVICES

AUDIT_HEADS = "audit.heads"

GATEWAY = "gateway"
OPERATOR = "operator"
USERS = (*NAMES, GATEWAY, OPERATOR)

RETRY_SECONDS = sorted(set(BACKOFF))
# Redeliveries of a message that crashes its handler; a rolling restart uses up one.
DELIVERY_LIMIT = 10
# `parked list` requeues what it shows, and each requeue counts as a delivery.
PARKED_DELIVERY_LIMIT = 1_000_000
LOG_AGE = "30D"
_SALT_BYTES = 4

Definition = dict[str, Any]


def definitions(passwords: Mapping[str, str], vhost: str = "/") -> Definition:
    """Returns the document for RabbitMQ's `load_definitions`. `passwords` has one per user in `USERS`."""
    users = [_user(name, passwords[name]) for name in USERS]
    objects = {kind: [{"vhost": vhost, **each} for each in of_kind] for kind, of_kind in _of_a_vhost().items()}
    return {"vhosts": [{"name": vhost}], "users": users, **objects}


def _of_a_vhost() -> dict[str, list[Definition]]:
    exchanges = [_exchange(EVENTS, "topic"), _exchange(REQUESTS, "direct"), _exchange(REPLIES, "direct")]
    exchanges += [_exchange(RESYNC, "topic"), _exchange(AUDIT, "fanout")]
    exchanges += [_exchange(f"{service}.again", "direct") for service in NAMES]
    return {
        "permissions": list(_permissions()),
        "topic_permissions": list(_topic_permissions()),
        "exchanges": exchanges,
        "queues": [*(queue for service in NAMES for queue in _queues(service)), _queue(AUDIT_HEADS, "stream")],
        "bindings": [
            *(binding for service in NAMES for binding in _bindings(service)),
            _binding(AUDIT, "", AUDIT_HEADS),
        ],
        "policies": [policy for service in NAMES for policy in _policies(service)] + [_log_policy()],
    }


def _exchange(name: str, kind: str) -> Definition:
    return {
        "name": name,
        "type": kind,
        "durable": True,
        "auto_delete": False,
        "internal": False,
        "arguments": {},
    }


def _queue(name: str, kind: str) -> Definition:
    return {"name": name, "durable": True, "auto_delete": False, "arguments": {"x-queue-type": kind}}


def _queues(service: str) -> Iterable[Definition]:
    yield _queue(service, "quorum")
    yield from (_queue(f"{service}.retry.{seconds}", "quorum") for seconds in RETRY_SECONDS)
    yield _queue(f"{service}.parked", "quorum")
    yield _queue(f"requests.{service}", "classic")


def _binding(source: str, key: str, queue: str) -> Definition:
    return {
        "source": source,
        "destination": queue,
        "destination_type": "queue",
        "routing_key": key,
        "arguments": {},
    }


def _bindings(service: str) -> Iterable[Definition]:
    again = f"{service}.again"
    yield _binding(again, "again", service)
    for name in (*(f"retry.{seconds}" for seconds in RETRY_SECONDS), "parked"):
        yield _binding(again, name, f"{service}.{name}")
    yield _binding(RESYNC, f"{service}.#", service)
    yield _binding(REQUESTS, service, f"requests.{service}")


def _policy(name: str, pattern: str, definition: Definition) -> Definition:
    return {
        "name": name,
        "pattern": pattern,
        "apply-to": "queues",
        "priority": 10,
        "definition": definition,
    }


def _policies(service: str) -> Iterable[Definition]:
    # At least once: a message leaves its queue only when the next queue has confirmed it.
    dead_letters = {
        "dead-letter-exchange": f"{service}.again",
        "dead-letter-strategy": "at-least-once",
        "overflow": "reject-publish",
    }
    parks = {**dead_letters, "dead-letter-routing-key": "parked", "delivery-limit": DELIVERY_LIMIT}
    yield _policy(service, f"^{service}$", parks)
    # Each look at a parked message counts as a delivery, and RabbitMQ 4 drops a message after twenty.
    yield _policy(f"{service}.parked", rf"^{service}\.parked$", {"delivery-limit": PARKED_DELIVERY_LIMIT})
    for seconds in RETRY_SECONDS:
        returns = {**dead_letters, "dead-letter-routing-key": "again", "message-ttl": seconds * 1000}
        yield _policy(f"{service}.retry.{seconds}", rf"^{service}\.retry\.{seconds}$", returns)


def _log_policy() -> Definition:
    return _policy("log", r"^log\.", {"max-age": LOG_AGE})


def _user(name: str, password: str) -> Definition:
    return {
        "name": name,
        "password_hash": _password_hash(password, os.urandom(_SALT_BYTES)),
        "hashing_algorithm": "rabbit_password_hashing_sha256",
        "tags": "administrator" if name == OPERATOR else "",
    }


def with_known_hashes(document: Definition, known: Definition, passwords: Mapping[str, str]) -> Definition:
    """Returns the document with the password hashes of `known` that still hold: a new salt would be no change."""
    hashes = {user["name"]: user["password_hash"] for user in known["users"]}
    users = [
        user | {"password_hash": hashes[user["name"]]}
        if is_hash_of(hashes.get(user["name"], ""), passwords[user["name"]])
        else user
        for user in document["users"]
    ]
    return document | {"users": users}


def is_hash_of(stored: str, password: str) -> bool:
    """Returns whether `stored` is RabbitMQ's salted hash of the password."""
    try:
        salt = base64.b64decode(stored)[:_SALT_BYTES]
    except ValueError:
        return False
    return stored == _password_hash(password, salt)


def _password_hash(password: str, salt: bytes) -> str:
    """Returns RabbitMQ's salted hash: base64 of the salt and the SHA-256 of salt and password."""
    return base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()


def _permissions() -> Iterable[Definition]:
    """Permissions to configure, write and read. Binding needs write on the queue and read on the exchange."""
    for service in SERVICES:
        name, logs = service.name, [r"log\..+"] if service.makes_tenant_logs else []
        writes = _exactly(EVENTS, RESYNC, REPLIES, AUDIT, f"{name}.again", name)
        # It makes its own queue again if that is gone, and binds it to its retry exchange and to its own states.
        reads = _exactly(EVENTS, RESYNC, name, f"{name}.again", f"requests.{name}")
        configures = [*_exactly(name, mark_of(name)), *logs]
        yield _permission(name, configure=configures, write=[*writes, *logs], read=reads)
    replies = r"replies\..+"
    reads = [*_exactly(REPLIES), replies, r"log\..+"]
    yield _permission(GATEWAY, configure=[replies], write=[*_exactly(REQUESTS), replies], read=reads)
    writes = [*_exactly(AUDIT), r".+\.again"]
    yield _permission(OPERATOR, configure=[], write=writes, read=[*_exactly(AUDIT_HEADS), r".+\.parked"])


def _permission(user: str, *, configure: list[str], write: list[str], read: list[str]) -> Definition:
    rights = {"configure": _any(configure), "write": _any(write), "read": _any(read)}
    return {"user": user, **rights}


def _exactly(*names: str) -> list[str]:
    return [re.escape(name) for name in names]


def _any(patterns: list[str]) -> str:
    """Returns one anchored pattern that matches any of these; `^$` for none."""
    return f"^({'|'.join(patterns)})$" if patterns else "^$"


def _topic_permissions() -> Iterable[Definition]:
    """A service may publish only events of its own aggregates, for any tenant.

    It may bind to all events, but only to the states that are sent to itself.
    """
    for service in NAMES:
        yield _topic_permission(service, EVENTS, write=rf"^[^.]+\.{service}\..+$", read=".*")
        yield _topic_permission(service, RESYNC, write=rf"^[^.]+\.[^.]+\.{service}\..+$", read=rf"^{service}\..+$")


def _topic_permission(user: str, exchange: str, *, write: str, read: str) -> Definition:
    return {"user": user, "exchange": exchange, "write": write, "read": read}
