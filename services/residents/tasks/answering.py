"""Answering a task: what is known is confirmed, only what is missing or out of date is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chassis.errors import Fault, Invalid
from services.residents.dictionary.model import Field
from services.residents.dictionary.values import as_text, holds_until, of_text
from services.residents.forms.model import Asked, FormTemplate
from services.residents.values.model import Given, HeldValue, SubjectValues

Seal = Callable[[str], str]
#: Opens a sealed value of the subject.
Open = Callable[[str], str]


@dataclass(frozen=True)
class Answering:
    """One form for one subject: `known` are the values that still hold, by field."""

    template: FormTemplate
    fields: Mapping[str, Field]
    known: Mapping[str, HeldValue]
    open: Open

    @classmethod
    def of(
        cls, template: FormTemplate, fields: Mapping[str, Field], values: SubjectValues, now: datetime, open_: Open
    ) -> Answering:
        held = (values.of(field) for field in template.fields)
        return cls(template, fields, {each.field: each for each in held if each and each.holds(now)}, open_)

    def merged(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Returns every answer as it is after what is given, by field."""
        return {name: self._value(held) for name, held in self.known.items()} | dict(given)

    def asked(self, answers: Mapping[str, Any]) -> list[Asked]:
        """Returns the questions that these answers leave open to be asked."""
        return [question for question in self.template.questions if question.is_asked(answers)]

    def checked(self, given: Mapping[str, Any], seal: Seal, now: datetime) -> tuple[dict[str, Given], dict[str, Any]]:
        """Returns what changes, and what stays with until when it then holds. Raises `Invalid` with every fault."""
        answers = self.merged(given)
        asked = {question.field: question for question in self.asked(answers)}
        if faults := list(self._faults(given, answers, asked)):
            raise Invalid(*faults)
        changed: dict[str, Given] = {}
        for name, value in given.items():
            field, text = self.fields[name], as_text(self.fields[name], value, f"values.{name}")
            if name not in self.known or self._text(self.known[name]) != text:
                sealed = field.sensitivity == "sensitive"
                changed[name] = Given(seal(text) if sealed else text, sealed, holds_until(field, now))
        stays = {name: holds_until(self.fields[name], now) for name in self.known if name in asked}
        return changed, {name: until for name, until in stays.items() if name not in changed}

    def _faults(
        self, given: Mapping[str, Any], answers: Mapping[str, Any], asked: Mapping[str, Asked]
    ) -> Iterator[Fault]:
        for name, value in given.items():
            at = f"values.{name}"
            if name not in asked:
                yield at, "the form does not ask this here", "本表此处无此问题"
            elif self.fields[name].retired:
                yield at, "this field is retired", "该数据项已停用"
            elif fault := asked[name].limit_fault(value, at):
                yield fault
            else:
                yield from _type_faults(self.fields[name], value, at)
        for name, question in asked.items():
            if question.required and answers.get(name) is None:
                yield f"values.{name}", "an answer is required", "此项必填"

    def _value(self, held: HeldValue) -> Any:
        return of_text(self._text(held))

    def _text(self, held: HeldValue) -> str:
        return self.open(held.text) if held.sealed else held.text


def _type_faults(field: Field, value: Any, at: str) -> Iterator[Fault]:
    try:
        as_text(field, value, at)
    except Invalid as invalid:
        yield from invalid.faults
