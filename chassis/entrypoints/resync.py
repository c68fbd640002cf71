"""Resync: publishes the current state of a service's aggregates again, to one other service, page by page.

It is safe during live events: a replica ignores what is older than what it has applied.
"""

from __future__ import annotations

from typing import Any

from chassis.context import Call
from chassis.entrypoints.rpc_server import command
from chassis.envelope import encode
from chassis.errors import Forbidden, Unavailable
from chassis.messaging import amqp
from chassis.messaging.names import RESYNC
from chassis.persistence import write_plan
from chassis.persistence.aggregate import Aggregate
from chassis.process.runtime import Provided
from chassis.types import Resync, Resynced

_PAGE = 200


class MayNotResync(Forbidden):
    """The caller does not have the role operator."""

    code = "resync.not_operator"
    en = "Only the operator of the platform can resynchronise a service; contact the operator."
    zh = "仅平台运维人员可重新同步服务，请联系运维人员。"


class Resyncing:
    """Base of a service whose aggregates other services replicate."""

    data: Any
    broker: Any = Provided(lambda runtime: runtime.settings.amqp_uri)

    @command
    def resync(self, call: Call, form: Resync) -> Resynced:
        """Command: publishes one page. Raises `MayNotResync` unless the caller has the role operator."""
        if not call.principal.has("operator"):
            raise MayNotResync()
        models = [
            model
            for model in self.data.collections.models()
            if issubclass(model, Aggregate) and model.state_event is not Aggregate.state_event
        ]
        name, _, last = form.cursor.partition("/")
        remaining = [model for model in models if model.__name__ >= name] if name else models
        for model in sorted(remaining, key=lambda model: model.__name__):
            documents = self._documents_after(call, model, last if model.__name__ == name else "")
            if documents:
                self._publish(call, form.service, documents)
                return Resynced(len(documents), f"{model.__name__}/{documents[-1].key}")
        return Resynced(0, "")

    def _documents_after(self, call: Call, model: type[Aggregate], last: str) -> list[Aggregate]:
        # Keyset pagination by id: the next page continues here, whatever changes in between.
        where = {"_id": {"$gt": f"{call.tenant}:{last}", "$lt": f"{call.tenant};"}}
        documents: list[Aggregate] = self.data.of(call).find(model, where, [("_id", 1)], _PAGE)
        return documents

    def _publish(self, call: Call, service: str, documents: list[Aggregate]) -> None:
        envelopes = [
            write_plan.envelope_of(document, event, document.sequence, call)
            for document in documents
            if (event := document.state_event()) is not None
        ]
        publisher = amqp.Publisher(self.broker)
        try:
            unpublished = publisher.publish(
                [
                    amqp.Message(RESYNC, f"{service}.{envelope.routing_key}", encode(envelope), envelope.id)
                    for envelope in envelopes
                ]
            )
        finally:
            publisher.close()
        if unpublished:
            raise Unavailable()
