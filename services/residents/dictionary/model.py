"""Aggregate of a field of the dictionary (数据项): name, type and code list, once for all forms that ask it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

import msgspec
from mongoengine import BooleanField, EmbeddedDocumentListField, IntField, StringField

from chassis.envelope import STAFF
from chassis.errors import Fault, Invalid, Refused
from chassis.persistence.aggregate import Embedded
from chassis.security.principal import Principal
from chassis.usecases.visibility import VisibleToTenant
from services.residents.api.dictionary import Choice, FieldDefinition
from services.residents.dictionary.events import FieldChanged
from vocabulary.access import require_role
from vocabulary.roles import Permission

#: Types of values that a code list belongs to, and that are numbers.
CODED, NUMBERS = ("choice", "choices"), ("whole", "decimal")


class FieldRetired(Refused):
    """`field`: the name of the field."""

    code = "field.retired"
    en = "The field {field:verbatim} is retired. Leave it out, or ask for the field that replaced it."
    zh = "数据项{field:verbatim}已停用，请勿填写，或改用替代的数据项。"


class ListedChoice(Embedded):
    """`code`: what is stored; `zh`, `en`: what people read."""

    code: str = StringField(required=True)
    zh: str = StringField(required=True)
    en: str = StringField(required=True)
    retired: bool = BooleanField(default=False)


class Field(VisibleToTenant):
    """Its code is its key. What its values are stored by stays: subject, type, measure, sensitivity, and words of its
    code list."""

    meta: ClassVar[dict[str, Any]] = {"collection": "fields"}
    has_natural_key = True
    indexes: ClassVar[list[tuple[str, ...]]] = [("_id",), ("about", "_id")]
    visible_to = STAFF

    zh: str = StringField(required=True)
    en: str = StringField(required=True)
    about: str = StringField(required=True)
    kind: str = StringField(required=True)
    measure: str = StringField(default="")
    choices: list[ListedChoice] = EmbeddedDocumentListField(ListedChoice)
    source: str = StringField(default="")
    sensitivity: str = StringField(default="open")
    holds_months: int = IntField(default=0)
    retired: bool = BooleanField(default=False)

    @classmethod
    def define(cls, by: Principal, code: str, form: FieldDefinition) -> Field:
        require_role(by, Permission.KEEP_DICTIONARY)
        field = cls(id=cls.identity(by.tenant, code), tenant=by.tenant, about=form.about, kind=form.kind)
        field._take(form)
        return field

    def revise(self, by: Principal, form: FieldDefinition) -> None:
        """Raises `Invalid` if what its values are stored by differs, or a word of the code list is missing."""
        require_role(by, Permission.KEEP_DICTIONARY)
        self.require_in_use()
        if faults := list(self._changed(form)):
            raise Invalid(*faults)
        self._take(form)

    def retire(self, by: Principal) -> None:
        require_role(by, Permission.KEEP_DICTIONARY)
        self.require_in_use()
        self.retired = True
        self.emit(self.state_event())

    @property
    def is_sensitive(self) -> bool:
        return self.sensitivity == "sensitive"

    def require_in_use(self) -> None:
        if self.retired:
            raise FieldRetired(field=self.zh)

    def state_event(self) -> FieldChanged:
        return FieldChanged(
            code=self.key, zh=self.zh, en=self.en, about=self.about, kind=self.kind, measure=self.measure,
            choices=[Choice(code=each.code, zh=each.zh, en=each.en, retired=each.retired) for each in self.choices],
            source=self.source, sensitivity=self.sensitivity, holds_months=self.holds_months, retired=self.retired,
        )  # fmt: skip

    def _changed(self, form: FieldDefinition) -> Iterator[Fault]:
        if form.about != self.about:
            yield "about", "what a field is about stays; define another field", "数据项的对象不可更改，请另建数据项"
        if form.kind != self.kind:
            yield "kind", "the type of a field stays; define another field", "数据项的类型不可更改，请另建数据项"
        if form.measure != self.measure:
            yield "measure", "the unit of measure stays; define another field", "数据项的单位不可更改，请另建数据项"
        if form.sensitivity != self.sensitivity:
            yield "sensitivity", "whether values are sealed stays; define another field", "敏感性不可更改，请另建数据项"
        if {each.code for each in self.choices} - {each.code for each in form.choices}:
            yield "choices", "a word that was used stays; retire it instead", "已使用的选项不可删除，请改为停用"

    def _take(self, form: FieldDefinition) -> None:
        if faults := list(_contradictions(form)):
            raise Invalid(*faults)
        self.zh, self.en, self.measure, self.source = form.zh, form.en, form.measure, form.source
        self.sensitivity, self.holds_months = form.sensitivity, form.holds_months
        self.choices = [ListedChoice(**msgspec.structs.asdict(each)) for each in form.choices]
        self.emit(self.state_event())


def _contradictions(form: FieldDefinition) -> Iterator[Fault]:
    codes = [each.code for each in form.choices]
    if (form.kind in CODED) != bool(codes):
        yield "choices", "a field with choices needs a code list, and no other has one", "仅选项类数据项须有选项"
    if len(set(codes)) < len(codes):
        yield "choices", "two words of the list have the same code", "有两个选项的编码相同"
    if form.measure and form.kind not in NUMBERS:
        yield "measure", "only a number has a unit of measure", "仅数字类数据项可有单位"
