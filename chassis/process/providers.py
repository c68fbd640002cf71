"""Factories of the key ring, the audit log and its follower, from a service's settings: `keys = Provided(key_ring)`."""

from __future__ import annotations

import logging

import eventlet
from pymongo.errors import PyMongoError

from chassis.audit.chain import new_writer
from chassis.audit.follower import AuditFollower
from chassis.audit.heads import StreamHeads
from chassis.audit.writer import Audit
from chassis.process.runtime import Runtime
from chassis.security.root_keys import FileRootKey, RootKey, RotatingRootKey, read_key
from chassis.security.sealing import KeyRing

log = logging.getLogger(__name__)
_REWRAP_SECONDS = 60.0


def key_ring(runtime: Runtime) -> KeyRing:
    """Returns the key ring: the tenants' data keys and index keys, wrapped by the two root keys of this service.

    If an old root key is also configured, a background task rewraps the keys with the new one.
    """
    ring = static_key_ring(runtime)
    if {"LINLI_OLD_ROOT_KEY_FILE", "LINLI_OLD_INDEX_KEY_FILE"} & runtime.settings.environment.keys():
        eventlet.spawn(_keep_rewrapping, ring)
    return ring


def _keep_rewrapping(ring: KeyRing) -> None:
    """Rewraps keys as long as both root keys are configured: a process that has only the old one may still add keys."""
    while True:
        try:
            done = ring.rewrap()
            log.info("rewrapped %d keys with the new root keys", done.rewrapped)
            if done.locked:
                log.error("cannot unwrap %s with either root key; keep the old one", ", ".join(done.locked))
        except PyMongoError as error:
            log.warning("cannot rewrap keys yet: %s", type(error).__name__)
        eventlet.sleep(_REWRAP_SECONDS)


def static_key_ring(runtime: Runtime) -> KeyRing:
    """Returns the key ring without the background task, for commands that rewrap the keys themselves."""
    root = _root_key(
        runtime, "LINLI_ROOT_KEY_FILE", "LINLI_OLD_ROOT_KEY_FILE", "the key that wraps the tenants' data keys"
    )
    index_root = _root_key(
        runtime, "LINLI_INDEX_KEY_FILE", "LINLI_OLD_INDEX_KEY_FILE", "the key that wraps the keys of the blind indexes"
    )
    return KeyRing(runtime.collections.database()["keys"], root, index_root, runtime.clock)


def _root_key(runtime: Runtime, name: str, old: str, purpose: str) -> RootKey:
    new = FileRootKey(runtime.settings.secret(name, purpose))
    if not runtime.settings.environment.get(old):
        return new
    return RotatingRootKey(new, FileRootKey(runtime.settings.secret(old, "the previous key")))


def audit_log(runtime: Runtime) -> Audit:
    """Returns the audit log of this process: it writes its own chain and publishes the heads to a broker stream."""
    settings = runtime.settings
    return Audit(
        runtime.collections.database()["audit"],
        read_key(settings.secret("LINLI_AUDIT_KEY_FILE", "the key of the audit log's chains")),
        new_writer(settings.service, settings.replica),
        runtime.clock,
        StreamHeads(settings.amqp_uri),
    )


def audit_follower(runtime: Runtime) -> AuditFollower:
    """Returns the follower of what all processes of this service have recorded."""
    database = runtime.collections.database()
    return AuditFollower(database["audit"], database["audit_positions"])
