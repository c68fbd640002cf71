"""Compares what a broker has with what it must have: the topology, and the log of each tenant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from chassis.messaging.names import EVENTS, log_of
from launcher.servers.broker_topology import RETRY_SECONDS, Definition, is_hash_of
from launcher.service_list import NAMES

# What identifies an object of each kind.
_KEYS = {
    "exchanges": ("name",),
    "queues": ("name",),
    "bindings": ("source", "routing_key", "destination"),
    "policies": ("name",),
    "permissions": ("user",),
    "topic_permissions": ("user", "exchange"),
}
_KINDS = {"policies": "policy"}
Object = tuple[str, ...]


def lacking(
    required: Definition, present: Definition, passwords: Mapping[str, str], tenants: Iterable[str]
) -> list[Object]:
    """Returns kind and key of each object that is missing or differs: `("queue", "cases")`. More may be present."""
    found = [each for kind in _KEYS for each in _lacking(kind, required[kind], present.get(kind, []))]
    hashes = {user["name"]: user.get("password_hash", "") for user in present["users"]}
    found += [("user", name) for name, own in passwords.items() if not is_hash_of(hashes.get(name, ""), own)]
    return found + _logs(present, tenants)


def shown(object_: Object) -> str:
    return f"{object_[0]} {' '.join(filter(None, object_[1:]))}"


def missed_by(found: Iterable[Object]) -> set[str]:
    """Returns the services whose events were in queues that are gone."""
    queues = {each[1] for each in found if each[0] == "queue"}
    return {name for name in NAMES if queues & {name, *(f"{name}.retry.{seconds}" for seconds in RETRY_SECONDS)}}


def _lacking(kind: str, required: Iterable[Definition], present: Iterable[Definition]) -> Iterable[Object]:
    known = {_key(kind, each): each for each in present if each.get("vhost") == "/"}
    for each in required:
        there = known.get(_key(kind, each))
        if there is None or any(there.get(name) != value for name, value in each.items()):
            yield (_KINDS.get(kind, kind.removesuffix("s").replace("_", " ")), *_key(kind, each))


def _key(kind: str, each: Mapping[str, Any]) -> Object:
    return tuple(str(each[name]) for name in _KEYS[kind])


def _logs(present: Definition, tenants: Iterable[str]) -> list[Object]:
    queues = {queue["name"] for queue in present.get("queues", [])}
    bound = {each["destination"] for each in present.get("bindings", []) if each["source"] == EVENTS}
    return [("log", tenant) for tenant in tenants if log_of(tenant) not in queues & bound]
