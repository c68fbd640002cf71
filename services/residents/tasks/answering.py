"""Answering a task: what is known is confirmed, only what is missing or out of date is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chassis.errors import Fault, Invalid
from services.residents.dictionary.model import Field
from services.residents.dictionary.values import as_text, fault_of, holds_until, of_text
from services.residents.forms.model import Asked, FormTemplate
from services.residents.values.model import NO_VALUE, Confirmed, Given, HeldValue

#: Seals or opens the text of a value, by field and text.
Crypt = Callable[[str, str], str]


@dataclass(frozen=True)
class Answering:
    """One form for one subject. `questions`: those whose fields are in use; `known`: values that still hold, by field.

    A sensitive value is known and not shown. Who leaves it out confirms nothing: it stays as it is, until when it held
    before. Nor is asked what depends on it, unless it is given; so nobody learns a sealed value from the questions.
    """

    questions: list[Asked]
    fields: Mapping[str, Field]
    known: Mapping[str, HeldValue]
    seal: Crypt
    open: Crypt

    @classmethod
    def of(
        cls, template: FormTemplate, fields: Mapping[str, Field], held: Iterable[HeldValue], now: datetime,
        seal: Crypt, open_: Crypt,
    ) -> Answering:  # fmt: skip
        """`held`: also of records that were merged into the subject's; of two values, the later one counts."""
        latest = {each.field: each for each in sorted(held, key=lambda each: each.confirmed_at)}
        known = {code: latest[code] for code in template.fields if code in latest and latest[code].holds(now)}
        for question in template.questions:
            value = known.get(question.field)
            # A limit of this form that the value does not keep: the question is asked again.
            if value and not value.sealed and question.limit_fault(of_text(value.text), ""):
                del known[question.field]
        questions = [each for each in template.questions if each.field in fields and not fields[each.field].retired]
        return cls(questions, fields, known, seal, open_)

    def shown(self, field: str) -> Any:
        """Returns the known value of a field; None for a sealed one."""
        held = self.known.get(field)
        return None if held is None or held.sealed else of_text(held.text)

    def checked(self, given: Mapping[str, Any], now: datetime) -> Confirmed:
        """Returns what changes and what stays. Raises `Invalid` with every fault."""
        answers = {field: self.shown(field) for field in self.known} | dict(given)
        asked = {question.field: question for question in self.questions if question.is_asked(answers)}
        if faults := list(self._faults(given, asked)):
            raise Invalid(*faults)
        differing = {field: value for field, value in given.items() if self.differs(field, value)}
        changed = {field: self._given(field, value, now) for field, value in differing.items()}
        seen = [field for field in asked if field in self.known and (field in given or not self.known[field].sealed)]
        stays = {
            field: (self.known[field], holds_until(self.fields[field], now)) for field in seen if field not in changed
        }
        known = sum(field in self.known and field not in changed for field in asked)
        return Confirmed(changed, stays, len(asked), known)

    def _faults(self, given: Mapping[str, Any], asked: Mapping[str, Asked]) -> Iterator[Fault]:
        for field, value in given.items():
            at = f"values.{field}"
            if field in self.fields and self.fields[field].retired:
                yield at, "this field is retired", "该数据项已停用"
            elif field not in asked:
                yield at, "the form does not ask this here", "本表此处无此问题"
            elif value is not None and self.differs(field, value):
                yield from self._value_faults(asked[field], value, at)
        for field, question in asked.items():
            if question.required and (given[field] is None if field in given else field not in self.known):
                yield f"values.{field}", "an answer is required", "此项必填"

    def _value_faults(self, question: Asked, value: Any, at: str) -> Iterator[Fault]:
        if fault := fault_of(self.fields[question.field], value):
            yield at, *fault
        elif limit := question.limit_fault(value, at):
            yield limit

    def differs(self, field: str, value: Any) -> bool:
        """Returns whether it is not what is known; None stands for no value."""
        held = self.known.get(field)
        if held is None or value is None:
            return held is not None or value is not None
        return as_text(value) != (self.open(field, held.text) if held.sealed else held.text)

    def _given(self, field: str, value: Any, now: datetime) -> Given:
        if value is None:
            return Given(NO_VALUE, False, None)
        text, sealed = as_text(value), self.fields[field].is_sensitive
        return Given(self.seal(field, text) if sealed else text, sealed, holds_until(self.fields[field], now))
