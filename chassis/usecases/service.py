"""Base classes of a service and its parts: `class Cases(Intake, Dispatch, Service): name = "cases"`."""

from __future__ import annotations

from typing import TypeAlias

from mongoengine import Document

from chassis.audit.writer import Audit
from chassis.messaging.resync import Resyncing
from chassis.persistence.tenant_data import DataSource
from chassis.process.runtime import Data, Provided
from chassis.security.providers import audit_log, key_ring
from chassis.security.sealing import KeyRing

Documents: TypeAlias = tuple[type[Document], ...]


class Part:
    """Base of the use cases of one aggregate, with the documents that they store."""

    documents: Documents = ()
    data: DataSource


class Sealing(Part):
    """Base of a part that seals personal data and records who reads them."""

    keys: KeyRing = Provided(key_ring)
    audit: Audit = Provided(audit_log)


class Service(Resyncing, Part):
    """Base of a service. Its data are the documents of its parts; others may ask it for their present state."""

    data: DataSource = Data()
