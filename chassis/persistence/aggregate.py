"""Aggregate: a mongoengine document with domain methods, stored together with its outbox of unpublished events."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from mongoengine import IntField, StringField

from chassis.envelope import NOBODY, Event, Visibility
from chassis.persistence.fast_mapping import Mapped
from chassis.persistence.typed import Document, EmbeddedDocument


class Aggregate(Mapped, Document):
    """Base of every aggregate. Its methods are the domain rules: they do no I/O, take `now`, and `emit` events.

    `id` is `<tenant>:<key>`, `version` counts writes, `sequence` counts events. The stored row also has parts of its
    own (`chassis.persistence.write_plan.ROW_PARTS`), whose names no field may have.
    """

    meta: ClassVar[dict[str, Any]] = {"abstract": True, "strict": False, "auto_create_index": False}
    #: Who may see its events: nobody, unless the class allows it.
    visible_to: ClassVar[Visibility] = NOBODY
    #: Whether its key is a code or follows from what it is about (a natural key), not from the idempotency key. The row
    #: then has `made_by`, the request that made it, by which a repeated one finds its first answer.
    has_natural_key: ClassVar[bool] = False

    id: str = StringField(primary_key=True)
    tenant: str = StringField(required=True)
    schema: int = IntField(default=1)
    version: int = IntField(default=0)
    sequence: int = IntField(default=0)

    @classmethod
    def identity(cls, tenant: str, key: str) -> str:
        return f"{tenant}:{key}"

    @property
    def key(self) -> str:
        """The id without the tenant, as the API shows it."""
        return str(self.id).partition(":")[2]

    def emit(self, event: Event) -> None:
        """Adds an event, which is stored in the same write as the change."""
        self.pending.append(event)

    @property
    def pending(self) -> list[Event]:
        """Events emitted since the document was loaded or saved, oldest first."""
        return self.__dict__.setdefault("_pending", [])  # type: ignore[no-any-return]

    @property
    def stored(self) -> dict[str, Any]:
        """The row as it was last read or written."""
        return self.__dict__.setdefault("_stored", {})  # type: ignore[no-any-return]

    def event_actor(self, actor: str) -> str:
        """Returns the actor that its events name; "" hides someone who must stay anonymous."""
        return actor

    def event_area(self) -> str:
        """Returns the division path that its events concern."""
        return ""

    def event_units(self) -> list[str]:
        """Returns the units that its events concern."""
        return []

    def event_visibility(self, event: Event) -> Visibility:
        """Returns who may see this event; override it if that differs between events."""
        return self.visible_to

    def state_event(self) -> Event | None:
        """Returns the event with the full public state, for `resync`; None if no other service replicates it."""
        return None

    def due_at(self) -> datetime | None:
        """Returns when the next timer of the aggregate fires; stored as `next_due_at` if the class has that field."""
        return None


class Embedded(Mapped, EmbeddedDocument):
    """Base of the documents that lie in an aggregate, such as one entry of a list."""

    meta: ClassVar[dict[str, Any]] = {"abstract": True, "strict": False}


class Replica(Mapped, Document):
    """Replica: a read-only record of another service, updated by its events (`TenantData.apply_replica`)."""

    meta: ClassVar[dict[str, Any]] = {"abstract": True, "strict": False, "auto_create_index": False}

    id: str = StringField(primary_key=True)
    tenant: str = StringField(required=True)
    sequence: int = IntField(default=0)

    #: Types of the events that update it; each carries the full public state.
    sources: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def kept(cls, tenant: str) -> None:
        """Hook after an update of one of the tenant's replicas, to invalidate caches."""

    @property
    def key(self) -> str:
        return str(self.id).partition(":")[2]
