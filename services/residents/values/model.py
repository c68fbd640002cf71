"""Aggregate of what is known about one subject: each field once, with its source, and until when it holds."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar, NamedTuple

from mongoengine import BooleanField, DateTimeField, EmbeddedDocumentListField, IntField, ListField, StringField

from chassis.envelope import NOBODY
from chassis.persistence.aggregate import Embedded
from chassis.usecases.visibility import VisibleToNobody
from services.residents.values.events import ValuesConfirmed, ValuesImported

#: The text of a value that somebody took back: as if it had never been known.
NO_VALUE = "null"
#: What was replaced is kept this many times for each subject.
_MOST_EARLIER = 50
#: Submissions that are remembered, so that none is written back twice: only the latest can come again.
_MOST_SUBMISSIONS = 50


class Given(NamedTuple):
    """A new value. `text`: canonical JSON, sealed where the field is sensitive."""

    text: str
    sealed: bool
    holds_until: datetime | None


class HeldValue(Embedded):
    """`form`: the edition of the form that it came from, or the mapping of the table; `by`: who confirmed it last.

    `row`: of a table, `<import>:<line>`; empty: people gave or confirmed it. `revision`: of the subject's values, in
    which it last became another one.
    """

    field: str = StringField(required=True)
    text: str = StringField(required=True)
    sealed: bool = BooleanField(default=False)
    given_at: datetime = DateTimeField(required=True)
    confirmed_at: datetime = DateTimeField(required=True)
    holds_until: datetime | None = DateTimeField()
    form: str = StringField(required=True)
    by: str = StringField(required=True)
    row: str = StringField(default="")
    revision: int = IntField(default=0)

    def holds(self, now: datetime) -> bool:
        return self.text != NO_VALUE and (self.holds_until is None or now < self.holds_until)

    def copy(self) -> HeldValue:
        return HeldValue(**{name: getattr(self, name) for name in HeldValue._fields})


class Confirmed(NamedTuple):
    """An answer that was checked. `changed`: the new values by field; `stays`: what was known and is so still, with
    until when it then holds; `asked`, `known`: see `ValuesConfirmed`."""

    changed: Mapping[str, Given]
    stays: Mapping[str, tuple[HeldValue, datetime | None]]
    asked: int
    known: int


class Source(NamedTuple):
    """Where an answer comes from: the task, the edition of the form, the grid, who gave it, and when.

    `submission`, `version`: see `ValuesConfirmed`."""

    task: str
    form: str
    area: str
    by: str
    now: datetime
    submission: str = ""
    version: int = 0


class ImportedRow(NamedTuple):
    """A row of a table: of which import and mapping, who gave the file, and when it is written."""

    table: str
    line: int
    mapping: str
    by: str
    now: datetime

    @property
    def name(self) -> str:
        return f"{self.table}:{self.line}"

    def line_of_same_file(self, row: str) -> int:
        """Returns the line of another row of the file, 0 for one of another file."""
        table, _, line = row.partition(":")
        return int(line) if table == self.table else 0


class SubjectValues(VisibleToNobody):
    """Key: `<about>.<subject>`. Who may see it, decides the subject's own record, which says too where it lies and
    whether it is there still: `area`, `there`.

    `earlier`: what was replaced, the oldest first; `tasks`: in which it was answered for; `revision`: counts the
    answers and rows; `submissions`: the latest ones of phones among them.
    """

    meta: ClassVar[dict[str, Any]] = {"collection": "subject_values"}
    has_natural_key = True
    indexes: ClassVar[list[tuple[str, ...]]] = [("held.field", "area")]
    #: That a question was answered may say something about somebody.
    visible_to = NOBODY

    about: str = StringField(required=True)
    subject: str = StringField(required=True)
    area: str = StringField(default="")
    there: bool = BooleanField(default=True)
    held: list[HeldValue] = EmbeddedDocumentListField(HeldValue)
    earlier: list[HeldValue] = EmbeddedDocumentListField(HeldValue)
    tasks: list[str] = ListField(StringField())
    revision: int = IntField(default=0)
    submissions: list[str] = ListField(StringField())

    @classmethod
    def blank(cls, tenant: str, about: str, subject: str) -> SubjectValues:
        return cls(id=cls.identity(tenant, key_of(about, subject)), tenant=tenant, about=about, subject=subject)

    def of(self, field: str) -> HeldValue | None:
        return next((value for value in self.held if value.field == field), None)

    def follow(self, area: str, there: bool) -> None:
        self.area, self.there = area, there

    def confirm(self, answer: Confirmed, source: Source) -> None:
        """Writes back an answer: what has changed replaces what was held, what stays is confirmed."""
        self.revision += 1
        for field, new in answer.changed.items():
            self._replace(_held(field, new, source))
        for field, (value, until) in answer.stays.items():
            if value is not self.of(field):
                value = value.copy()  # of a record that was merged into this one
                self._replace(value)
            value.confirmed_at, value.holds_until, value.by, value.row = source.now, until, source.by, ""
        if source.submission:
            self.submissions = [*self.submissions, source.submission][-_MOST_SUBMISSIONS:]
        first = source.task not in self.tasks
        if first:
            self.tasks.append(source.task)
        self.emit(
            ValuesConfirmed(
                about=self.about, subject=self.subject, area=source.area, task=source.task, form=source.form,
                first=first, asked=answer.asked, known=answer.known, submission=source.submission,
                version=source.version,
            )
        )  # fmt: skip

    def take(self, changed: Mapping[str, Given], row: ImportedRow) -> bool:
        """Writes the values of a row. Returns whether any value here is the row's, also from an earlier try."""
        if changed:
            self.revision += 1
        for field, new in changed.items():
            self._replace(
                HeldValue(
                    field=field, text=new.text, sealed=new.sealed, given_at=row.now, confirmed_at=row.now,
                    holds_until=new.holds_until, form=row.mapping, by=row.by, row=row.name,
                )
            )  # fmt: skip
        if changed:
            self.emit(ValuesImported(about=self.about, subject=self.subject, area=self.area, table=row.table))
        return any(value.row == row.name for value in self.held)

    def _replace(self, new: HeldValue) -> None:
        new.revision = self.revision
        old = [value for value in self.held if value.field == new.field]
        self.held = [*(value for value in self.held if value.field != new.field), new]
        self.earlier = [*self.earlier, *old][-_MOST_EARLIER:]


def key_of(about: str, subject: str) -> str:
    return f"{about}.{subject}"


def _held(field: str, new: Given, source: Source) -> HeldValue:
    return HeldValue(
        field=field, text=new.text, sealed=new.sealed, given_at=source.now, confirmed_at=source.now,
        holds_until=new.holds_until, form=source.form, by=source.by,
    )  # fmt: skip
