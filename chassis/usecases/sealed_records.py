"""Use cases of records with sealed fields: sealing, opening and writing, each read audited before it happens."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import ClassVar, TypeVar

from chassis.context import Call, Context
from chassis.types import Answer, is_blank
from chassis.usecases.records import change, step_answer
from chassis.usecases.service import SealingUseCases
from chassis.usecases.visibility import Visible

V = TypeVar("V", bound=Visible)


class SealedRecords(SealingUseCases):
    """Base of a service's use cases that seal fields. `owner`: the service, which all its sealed fields name first."""

    owner: ClassVar[str]

    def _seal(self, context: Context, text: str, field: str) -> str:
        """Seals a text for `field`; it opens only as that field of this tenant. Blank text becomes ""."""
        return self.keys.of(context.tenant).seal(text, f"{self.owner}.{field}") if not is_blank(text) else ""

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
        self.audit.record(call.principal, f"{self.owner}.{kind}.read", read, ",".join(sorted(call.principal.purposes)))

    def _opened(self, call: Context, text: str, field: str) -> str:
        """Opens one sealed value, whose read the caller has audited."""
        return self.keys.of(call.tenant).open(text, f"{self.owner}.{field}") if text else ""

    def _opened_of(self, call: Call, record: object, kind: str, names: Iterable[str]) -> dict[str, str]:
        """Opens sealed fields of one record by name (`kind`: "mediation"), whose read the caller has audited."""
        return {name: self._opened(call, getattr(record, name), f"{kind}.{name}") for name in names}

    def _act(self, call: Call, model: type[V], key: str, act: Callable[[V], object]) -> Answer:
        """Runs `act` on a document that the caller sees, saves it and returns its state and version."""
        return change(self.data.of(call), model, key, act, step_answer)
