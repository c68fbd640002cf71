"""Aggregate of what is known about one subject: each field once, with its source, and until when it holds."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar, NamedTuple

from mongoengine import BooleanField, DateTimeField, EmbeddedDocumentListField, ListField, StringField

from chassis.envelope import STAFF
from chassis.persistence.aggregate import Embedded
from chassis.usecases.visibility import VisibleToNobody
from services.residents.values.events import ValuesConfirmed


class Given(NamedTuple):
    """A new value. `text`: canonical JSON, sealed where the field is sensitive."""

    text: str
    sealed: bool
    holds_until: datetime | None


class HeldValue(Embedded):
    """`form`: the edition of the form that it came from; `by`: who confirmed it last."""

    field: str = StringField(required=True)
    text: str = StringField(required=True)
    sealed: bool = BooleanField(default=False)
    given_at: datetime = DateTimeField(required=True)
    confirmed_at: datetime = DateTimeField(required=True)
    holds_until: datetime | None = DateTimeField()
    form: str = StringField(required=True)
    by: str = StringField(required=True)

    def holds(self, now: datetime) -> bool:
        return self.holds_until is None or now < self.holds_until


class SubjectValues(VisibleToNobody):
    """Key: `<about>.<subject>`. Who may see it, decides the subject's own record. `earlier`: what was replaced."""

    meta: ClassVar[dict[str, Any]] = {"collection": "subject_values"}
    has_natural_key = True
    visible_to = STAFF

    about: str = StringField(required=True)
    subject: str = StringField(required=True)
    area: str = StringField(default="")
    held: list[HeldValue] = EmbeddedDocumentListField(HeldValue)
    earlier: list[HeldValue] = EmbeddedDocumentListField(HeldValue)
    forms: list[str] = ListField(StringField())

    @classmethod
    def blank(cls, tenant: str, about: str, subject: str) -> SubjectValues:
        return cls(id=cls.identity(tenant, key_of(about, subject)), tenant=tenant, about=about, subject=subject)

    def of(self, field: str) -> HeldValue | None:
        return next((value for value in self.held if value.field == field), None)

    def confirm(
        self, given: Mapping[str, Given], stays: Mapping[str, datetime | None], *, task: str, form: str, area: str,
        by: str, now: datetime,
    ) -> None:  # fmt: skip
        """Writes back an answer: what is `given` replaces what was held; what `stays` holds until then."""
        for field, new in given.items():
            self._replace(field, new, form, by, now)
        for field, until in stays.items():
            if (value := self.of(field)) is not None:
                value.confirmed_at, value.holds_until, value.by = now, until, by
        self.area, self.forms = area, sorted({*self.forms, form})
        self.emit(
            ValuesConfirmed(
                about=self.about, subject=self.subject, area=area, task=task, form=form, changed=sorted(given),
                confirmed=sorted(stays),
            )
        )  # fmt: skip

    def _replace(self, field: str, new: Given, form: str, by: str, now: datetime) -> None:
        old = self.of(field)
        self.held = [value for value in self.held if value.field != field]
        if old is not None:
            self.earlier.append(old)
        self.held.append(
            HeldValue(
                field=field, text=new.text, sealed=new.sealed, given_at=now, confirmed_at=now,
                holds_until=new.holds_until, form=form, by=by,
            )
        )  # fmt: skip

    def event_area(self) -> str:
        return self.area


def key_of(about: str, subject: str) -> str:
    return f"{about}.{subject}"
