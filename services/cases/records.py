"""What the desks (parts of the service) have in common: sealing, seeing, answering, and pages of lists."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from chassis.audit.writer import Audit
from chassis.context import Call, Context
from chassis.persistence import write_plan
from chassis.persistence.aggregate import Aggregate
from chassis.persistence.tenant_data import DataSource
from chassis.security.sealing import KeyRing
from chassis.types import Answer, Listed, Page, Record
from services.cases.access_rules import require_seen
from services.cases.api.old_types import NoPosition

A = TypeVar("A", bound=Aggregate)

#: Documents of one moment that a page may have to step over.
_TIES = 50


class RecordCommands:
    """Part of the service `Cases`, which gives it these."""

    data: DataSource
    keys: KeyRing
    audit: Audit

    def _seal(self, context: Context, text: str, field: str) -> str:
        """`field` is bound to the sealed value: it opens as that field of this tenant only."""
        return self.keys.of(context.tenant).seal(text, f"cases.{field}") if text.strip() else ""

    def _open(self, call: Call, subject: str, sealed: Mapping[str, str]) -> dict[str, str]:
        """Opens named fields of one record (`{"mediation.topic": …}`), after the access is recorded."""
        present = {name: text for name, text in sealed.items() if text}
        if present:
            action = f"cases.{next(iter(present)).partition('.')[0]}.read"
            self.audit.record(call.principal, action, [subject], ",".join(sorted(call.principal.purposes)))
        sealer = self.keys.of(call.tenant)
        return {
            name.rpartition(".")[2]: sealer.open(text, f"cases.{name}") if text else "" for name, text in sealed.items()
        }

    def _make(self, call: Call, model: type[A], build: Callable[[str], A]) -> Answer:
        """Makes a document under the key that `build` is given, once, and answers where it stands."""
        answer: Answer = self.data.of(call).create(model, build, step_answer)
        return answer

    def _act(self, call: Call, model: type[A], key: str, act: Callable[[A], object]) -> Answer:
        """Lets a document act that the caller sees, and answers where it stands then."""

        def acted(document: A) -> Answer:
            seen_by = getattr(document, "seen_by", None)
            require_seen(seen_by is None or seen_by(call.principal))
            act(document)
            return step_answer(document)

        answer: Answer = self.data.of(call).change(model, key, acted)
        return answer

    def _visible(self, call: Call, model: type[A], key: str) -> A:
        document = self.data.of(call).get(model, key)
        require_seen(document.seen_by(call.principal))
        return document

    def _page(
        self, call: Call, model: type[A], where: Answer, by: str, page: Page, show: Callable[[A], Answer]
    ) -> Listed[Answer]:
        """The latest first by the moment `by`, which ends an index of `where`."""
        limit = page.limit
        before, last = _position(page.after)
        if before:
            where = {**where, by: {"$lte": before}}
        found = self.data.of(call).find(model, where, [(by, -1)], limit + 1 + (_TIES if before else 0))
        keys = [document.key for document in found]
        if last in keys:
            found = found[keys.index(last) + 1 :]
        following = [getattr(found[limit - 1], by), found[limit - 1].key] if len(found) > limit else None
        return Listed(items=[show(document) for document in found[:limit]], next=following)


def step_answer(document: Aggregate) -> Answer:
    """`version` is the one that it has once it is saved."""
    answer: Answer = {"id": document.key, "version": document.version + (not write_plan.changed_nothing(document))}
    state = getattr(document, "state", None)
    return answer | {"state": state} if state else answer


def to_answer(document: Aggregate, *names: str) -> Answer:
    """The named fields of a document, embedded ones as dictionaries."""
    answer: Answer = {"id": document.key, "version": document.version}
    for name in names:
        answer[name] = _plain(getattr(document, name))
    return answer


def fields_of(row: type[Record]) -> tuple[str, ...]:
    """What a row shows of a document, for `to_answer`."""
    return tuple(name for name in row.__struct_fields__ if name not in Record.__struct_fields__)


def _plain(value: Any) -> Any:
    if hasattr(value, "to_mongo"):
        return value.to_mongo().to_dict()
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value


def _position(after: Any) -> tuple[datetime | None, str]:
    if not after:
        return None, ""
    try:
        moment, last = after
        return datetime.fromisoformat(moment), str(last)
    except (TypeError, ValueError) as error:
        raise NoPosition() from error
