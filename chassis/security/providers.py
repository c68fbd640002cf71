"""What a service protects personal data with, made from its settings: `keys = Provided(key_ring)`."""

from __future__ import annotations

from chassis.audit.chain import new_writer
from chassis.audit.heads import StreamHeads
from chassis.audit.writer import Audit
from chassis.process.runtime import Runtime
from chassis.security.sealing import FileRootKey, KeyRing, read_key


def key_ring(runtime: Runtime) -> KeyRing:
    """The tenants' data keys and index keys, under the two root keys of this service."""
    secret = runtime.settings.secret
    return KeyRing(
        runtime.shelves.database()["keys"],
        FileRootKey(secret("LINLI_ROOT_KEY_FILE", "the key that wraps the tenants' data keys")),
        FileRootKey(secret("LINLI_INDEX_KEY_FILE", "the key that wraps the keys of the blind indexes")),
        runtime.clock,
    )


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
