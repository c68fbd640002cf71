"""The aggregate: a mongoengine document with behaviour that keeps its unpublished events in itself."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from mongoengine import IntField, StringField

from chassis.messaging.envelope import NOBODY, Event, Visibility
from chassis.persistence.fast_mapping import Mapped
from chassis.persistence.typed import Document


class Aggregate(Mapped, Document):
    """Base of every aggregate. Rules are methods; they do no I/O, take `now`, and `emit` what happened.

    `id` is `<tenant>:<key>`. `version` counts writes, `sequence` counts events. The stored row also has
    `outbox`, `answers` and `handled`, which belong to the chassis (`chassis.persistence.write_plan`): a rule never sees
    them.
    """

    meta: ClassVar[dict[str, Any]] = {"abstract": True, "strict": False, "auto_create_index": False}
    #: Who may see its events. An aggregate that publishes says it on purpose.
    visible_to: ClassVar[Visibility] = NOBODY

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
        """The id as the API shows it, without the tenant."""
        return str(self.id).partition(":")[2]

    def emit(self, event: Event) -> None:
        """Record that something happened; the save that stores the change stores this with it."""
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
        """Whom its events name as having caused them: "" hides somebody whom they must not give away."""
        return actor

    def event_area(self) -> str:
        """Division path that its events concern."""
        return ""

    def event_units(self) -> list[str]:
        """Units that its events concern."""
        return []

    def event_visibility(self, event: Event) -> Visibility:
        """Who may see this event of it, where that differs from event to event."""
        return self.visible_to

    def state_event(self) -> Event | None:
        """The event that carries the full public state, for `resync`; None where nobody keeps a copy."""
        return None

    def due_at(self) -> datetime | None:
        """When the aggregate next has something to do by itself; kept as `next_due_at` where it has timers."""
        return None


class Replica(Mapped, Document):
    """Base of a service's own copy of what another service owns, kept by events (`TenantData.apply_replica`)."""

    meta: ClassVar[dict[str, Any]] = {"abstract": True, "strict": False, "auto_create_index": False}

    id: str = StringField(primary_key=True)
    tenant: str = StringField(required=True)
    sequence: int = IntField(default=0)

    #: Types of the events that it is kept by, each with the full public state.
    sources: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def kept(cls, tenant: str) -> None:
        """One of the tenant's was kept: what is cached of them can be forgotten."""

    @property
    def key(self) -> str:
        return str(self.id).partition(":")[2]
