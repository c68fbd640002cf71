"""Base classes of services and their use cases: `class Cases(Intake, Dispatch, Service): name = "cases"`."""

from __future__ import annotations

from typing import TypeAlias

from mongoengine import Document

from chassis.audit.writer import Audit
from chassis.entrypoints.resync import Resyncing
from chassis.persistence.data_source import DataSource
from chassis.process.providers import audit_log, key_ring
from chassis.process.runtime import Data, Provided
from chassis.security.sealing import KeyRing

Documents: TypeAlias = tuple[type[Document], ...]


class UseCases:
    """Base of the use cases of one aggregate. `documents`: the document classes that they store."""

    documents: Documents = ()
    data: DataSource


class SealingUseCases(UseCases):
    """Base of use cases that seal personal data and audit every access."""

    keys: KeyRing = Provided(key_ring)
    audit: Audit = Provided(audit_log)


class Service(Resyncing, UseCases):
    """Base of a service. It stores the documents of its use cases and can resync its state to other services."""

    data: DataSource = Data()
