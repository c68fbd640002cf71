"""Inbox: records of handled events that have left their aggregate, so that a late replay takes effect only once."""

from __future__ import annotations

from pymongo import InsertOne

from chassis.context import Context, Received
from chassis.persistence import write_plan
from chassis.persistence.aggregate import Aggregate
from chassis.persistence.collections import TenantCollection
from chassis.persistence.group_commit import Write

#: The aggregate may no longer list an event older than this; then the inbox is read too.
_OLD = write_plan.RETENTION / 2


def was_handled(inbox: TenantCollection, document: Aggregate, context: Context) -> bool:
    """Returns whether the inbox has a record of this event.

    Reads it only for an old or replayed event, and for an aggregate of so many events that it no longer lists all.
    """
    if not isinstance(context, Received):
        return False
    lists_all = len(document.stored.get("handled", [])) < write_plan.MOST_HANDLED
    if lists_all and not context.replayed and context.now - context.envelope.time < _OLD:
        return False
    record = f"{document.id}:{context.dedup_key}"
    return inbox.pymongo.find_one({"_id": record}) is not None


def archive(inbox: TenantCollection, document: Aggregate, context: Context) -> None:
    """Copies the records that the next write will drop from the aggregate to the inbox."""
    if not isinstance(context, Received):
        return
    leaving, _ = write_plan.parted_records(document.stored, context)
    for record in leaving:
        row = {"_id": f"{document.id}:{record['e']}", "tenant": document.tenant, "t": record["t"]}
        inbox.commit.run(Write(InsertOne(row), row["_id"], lambda row: False))
