"""What a service protects personal data with, made from its settings: `keys = Provided(key_ring)`."""

from __future__ import annotations

import logging

import eventlet
from pymongo.errors import PyMongoError

from chassis.audit.chain import new_writer
from chassis.audit.heads import StreamHeads
from chassis.audit.writer import Audit
from chassis.process.runtime import Runtime
from chassis.security.root_keys import FileRootKey, RootKey, RotatingRootKey, read_key
from chassis.security.sealing import KeyRing

log = logging.getLogger(__name__)
_REWRAP_SECONDS = 60.0


def key_ring(runtime: Runtime) -> KeyRing:
    """The tenants' data keys and index keys, under the two root keys of this service.

    With an old root key beside a new one, what the old one has wrapped goes over to the new one meanwhile.
    """
    ring = key_ring_at_rest(runtime)
    if {"LINLI_OLD_ROOT_KEY_FILE", "LINLI_OLD_INDEX_KEY_FILE"} & runtime.settings.environment.keys():
        eventlet.spawn(_keep_rewrapping, ring)
    return ring


def _keep_rewrapping(ring: KeyRing) -> None:
    """As long as both are configured: a replica that still has the old key alone may make one at any time."""
    while True:
        try:
            log.info("the new root keys have taken over %d keys", ring.rewrap())
        except PyMongoError as error:
            log.warning("keys wait for their new root key: %s", type(error).__name__)
        eventlet.sleep(_REWRAP_SECONDS)


def key_ring_at_rest(runtime: Runtime) -> KeyRing:
    """The same for whoever rotates the keys by themselves."""
    root = _root_key(
        runtime, "LINLI_ROOT_KEY_FILE", "LINLI_OLD_ROOT_KEY_FILE", "the key that wraps the tenants' data keys"
    )
    index_root = _root_key(
        runtime, "LINLI_INDEX_KEY_FILE", "LINLI_OLD_INDEX_KEY_FILE", "the key that wraps the keys of the blind indexes"
    )
    return KeyRing(runtime.shelves.database()["keys"], root, index_root, runtime.clock)


def _root_key(runtime: Runtime, name: str, old: str, purpose: str) -> RootKey:
    new = FileRootKey(runtime.settings.secret(name, purpose))
    if not runtime.settings.environment.get(old):
        return new
    return RotatingRootKey(new, FileRootKey(runtime.settings.secret(old, "the key before it")))


def audit_log(runtime: Runtime) -> Audit:
    """The audit log of this process: a chain of its own, whose heads the broker keeps."""
    settings = runtime.settings
    return Audit(
        runtime.shelves.database()["audit"],
        read_key(settings.secret("LINLI_AUDIT_KEY_FILE", "the key of the audit log's chains")),
        new_writer(settings.service, settings.replica),
        runtime.clock,
        StreamHeads(settings.amqp_uri),
    )
