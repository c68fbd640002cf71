"""Base of the command handlers of the aggregates beside the case: sealing, opening and writing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from chassis.context import Call, Context
from chassis.errors import NotFound
from chassis.persistence.tenant_data import TenantData
from chassis.security.principal import Principal
from chassis.types import Answer, is_blank
from chassis.usecases.records import change, named, step_answer
from chassis.usecases.service import SealingUseCases
from chassis.usecases.visibility import Visible
from services.cases.case import views
from services.cases.case.model.case import Case
from vocabulary.rights import works_under

V = TypeVar("V", bound=Visible)


def require_case(data: TenantData, case: str, field: str = "case") -> None:
    """Raises `Invalid` if `field` names a case that does not exist, or that the caller does not see."""
    if case:
        named(data, Case, case, field)


def is_kept_from(data: TenantData, by: Principal, case: str) -> bool:
    """Returns whether the case is a complaint about the caller's own unit (回避); what is no case is none."""
    named = _case_of(data, case)
    return named is not None and works_under(by, named.about)


def shown_case(data: TenantData, by: Principal, case: str) -> Answer:
    """Returns what a record about a person shows of its case: `case`, and `merged_into` once that has a parent.

    A record keeps the id it was given, so that it follows its case out of a merge again. Both are empty if the
    caller may not connect the case with the person.
    """
    named = _case_of(data, case)
    if named is None or not views.may_connect(named, by):
        return {"case": "", "merged_into": ""}
    return {"case": case, "merged_into": named.merged_into}


def _case_of(data: TenantData, case: str) -> Case | None:
    """Returns the case that a record names, whether the caller sees it or not; None for none."""
    try:
        return data.get(Case, case) if case else None
    except NotFound:
        return None


class RecordCommands(SealingUseCases):
    """Base of the use cases of the aggregates beside the case."""

    def _seal(self, context: Context, text: str, field: str) -> str:
        """Seals a text for `field`; it opens only as that field of this tenant. Blank text becomes ""."""
        return self.keys.of(context.tenant).seal(text, f"cases.{field}") if not is_blank(text) else ""

    def _open(self, call: Call, subject: str, sealed: Mapping[str, str]) -> dict[str, str]:
        """Opens sealed fields of one record (`{"mediation.topic": …}`) by short name, after auditing the read."""
        return self._open_all(call, {subject: sealed})[subject]

    def _open_all(self, call: Call, records: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
        """Opens those of many records of one kind, by their ids, after auditing the read of all as one."""
        read = [subject for subject, sealed in records.items() if any(sealed.values())]
        if read:
            self._note_read(call, next(iter(records[read[0]])).partition(".")[0], read)
        return {
            subject: {name.rpartition(".")[2]: self._opened(call, text, name) for name, text in sealed.items()}
            for subject, sealed in records.items()
        }

    def _note_read(self, call: Call, kind: str, read: list[str]) -> None:
        """Audits that sealed texts of these records are read."""
        self.audit.record(call.principal, f"cases.{kind}.read", read, ",".join(sorted(call.principal.purposes)))

    def _opened(self, call: Call, text: str, field: str) -> str:
        """Opens one sealed value, whose read the caller has audited."""
        return self.keys.of(call.tenant).open(text, f"cases.{field}") if text else ""

    def _act(self, call: Call, model: type[V], key: str, act: Callable[[V], object]) -> Answer:
        """Runs `act` on a document that the caller sees, saves it and returns its state and version."""
        return change(self.data.of(call), model, key, act, step_answer)
