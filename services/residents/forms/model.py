"""Aggregate of a form (表): questions for fields of the dictionary.

A published form stays as it is; to change it, a new edition replaces it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from mongoengine import (
    BooleanField,
    DateTimeField,
    EmbeddedDocumentListField,
    FloatField,
    IntField,
    ListField,
    StringField,
)

from chassis.envelope import STAFF
from chassis.errors import Fault, Invalid, Refused, spoken_fault
from chassis.persistence.aggregate import Embedded
from chassis.security.principal import Principal
from chassis.usecases.visibility import VisibleToTenant
from services.residents.api.forms import NewTemplate
from services.residents.dictionary.model import NUMBERS, Field
from services.residents.forms.events import FormPublished, FormRetired
from vocabulary.access import require_role
from vocabulary.roles import Permission

DRAFT, PUBLISHED, RETIRED = "DRAFT", "PUBLISHED", "RETIRED"


class WrongFormState(Refused):
    """`state`: of the form."""

    code = "form.wrong_state"
    en = "The form is {state}, so this is not possible. Make a new edition of it, or choose another form."
    zh = "该表单{state}，不能执行此操作，请另建新版或选择其他表单。"
    chinese = {"state": {DRAFT: "尚未发布", PUBLISHED: "已发布", RETIRED: "已停用"}}
    english = {"state": {DRAFT: "not published yet", PUBLISHED: "published", RETIRED: "retired"}}


class FormerReplaced(Refused):
    code = "form.former_replaced"
    en = "The form that this edition follows is not in use any more. Draft it as a form of its own instead."
    zh = "本版所接续的表单已不再使用，请改为新建表单。"


class Asked(Embedded):
    """A question. `only_field`, `only_among`: it is asked only if the answer to an earlier one is among these."""

    field: str = StringField(required=True)
    section: str = StringField(default="")
    required: bool = BooleanField(default=False)
    least: float | None = FloatField()
    most: float | None = FloatField()
    only_field: str = StringField(default="")
    only_among: list[str] = ListField(StringField())

    @property
    def condition(self) -> dict[str, Any] | None:
        """As the API shows it."""
        return {"field": self.only_field, "among": list(self.only_among)} if self.only_field else None

    def is_asked(self, answers: Mapping[str, Any]) -> bool:
        """`answers`: by field, as they would be after this answer."""
        if not self.only_field:
            return True
        answer = answers.get(self.only_field)
        given = answer if isinstance(answer, list) else [answer]
        return any(each in self.only_among for each in given)

    def limit_fault(self, value: Any, at: str) -> Fault | None:
        """`at`: where the value stands in the request."""
        if not isinstance(value, int | float):
            return None
        if self.least is not None and value < self.least:
            return spoken_fault(at, "it must be at least {number}", "不能小于 {number}", number=f"{self.least:g}")
        if self.most is not None and value > self.most:
            return spoken_fault(at, "it must be at most {number}", "不能大于 {number}", number=f"{self.most:g}")
        return None


class FormTemplate(VisibleToTenant):
    """`edition`: 1 for a new form; `replaces`: the form whose next edition it is. `minutes`: by hand, without it."""

    meta: ClassVar[dict[str, Any]] = {"collection": "form_templates"}
    indexes: ClassVar[list[tuple[str, ...]]] = [("state", "_id"), ("about", "state", "_id")]
    visible_to = STAFF

    title: str = StringField(required=True)
    about: str = StringField(required=True)
    questions: list[Asked] = EmbeddedDocumentListField(Asked)
    minutes: int = IntField(required=True)
    state: str = StringField(default=DRAFT)
    edition: int = IntField(default=1)
    replaces: str = StringField(default="")
    drafted_at: datetime = DateTimeField(required=True)

    @classmethod
    def draft(
        cls, by: Principal, key: str, form: NewTemplate, fields: Mapping[str, Field], now: datetime,
        former: FormTemplate | None = None,
    ) -> FormTemplate:  # fmt: skip
        """`fields`: those that it asks for. Raises `Invalid` for each question that cannot be asked."""
        require_role(by, Permission.MAKE_FORMS)
        template = cls(id=cls.identity(by.tenant, key), tenant=by.tenant, about=form.about, drafted_at=now)
        if former is not None:
            former.require(PUBLISHED)
            template.about, template.edition, template.replaces = former.about, former.edition + 1, former.key
        template._ask(form, fields)
        return template

    def redraft(self, by: Principal, form: NewTemplate, fields: Mapping[str, Field]) -> None:
        require_role(by, Permission.MAKE_FORMS)
        self.require(DRAFT)
        self._ask(form, fields)

    def publish(self, by: Principal, fields: Mapping[str, Field], former: FormTemplate | None) -> None:
        """`former`: the form whose next edition it is. Fields may have retired since it was drafted."""
        require_role(by, Permission.MAKE_FORMS)
        self.require(DRAFT)
        if former is not None and former.state != PUBLISHED:
            raise FormerReplaced()
        _require_askable(self.about, self.questions, fields)
        self.state = PUBLISHED
        self.emit(
            FormPublished(
                id=self.key, about=self.about, edition=self.edition, fields=self.fields, replaces=self.replaces
            )
        )

    def retire(self, by: Principal) -> None:
        require_role(by, Permission.MAKE_FORMS)
        self.require(PUBLISHED)
        self.give_way()

    def give_way(self) -> None:
        """A new edition was published, or it is not used any more."""
        if self.state == PUBLISHED:
            self.state = RETIRED
            self.emit(FormRetired(id=self.key))

    def require(self, state: str) -> None:
        if self.state != state:
            raise WrongFormState(state=self.state)

    @property
    def fields(self) -> list[str]:
        return [question.field for question in self.questions]

    def _ask(self, form: NewTemplate, fields: Mapping[str, Field]) -> None:
        if self.replaces and form.about != self.about:
            raise Invalid(("about", "an edition stays about what the form is about", "新版的对象须与原表单一致"))
        questions = [
            Asked(
                field=each.field, section=each.section, required=each.required, least=each.least, most=each.most,
                only_field=each.only_if.field if each.only_if else "",
                only_among=list(each.only_if.among) if each.only_if else [],
            )
            for each in form.questions
        ]  # fmt: skip
        _require_askable(form.about, questions, fields)
        self.title, self.about, self.minutes, self.questions = form.title, form.about, form.minutes, questions


def _require_askable(about: str, questions: Sequence[Asked], fields: Mapping[str, Field]) -> None:
    """Raises `Invalid` for each question that cannot be asked."""
    before: set[str] = set()
    faults: list[Fault] = []
    for number, question in enumerate(questions):
        at = f"questions.{number}"
        faults += _faults(about, question, fields.get(question.field), at)
        if question.field in before:
            faults.append((f"{at}.field", "another question asks for it", "与其他问题重复"))
        # Only earlier ones: so no two questions can wait for each other.
        faults += _condition_faults(question, {code: fields.get(code) for code in before}, f"{at}.only_if")
        before.add(question.field)
    if faults:
        raise Invalid(*faults)


def _faults(about: str, question: Asked, field: Field | None, at: str) -> Iterator[Fault]:
    limits = [each for each in (question.least, question.most) if each is not None]
    if field is None or field.retired:
        yield f"{at}.field", "the dictionary has no such field in use", "数据项字典中没有在用的该数据项"
    elif field.about != about:
        yield f"{at}.field", "this field is about something else than the form", "该数据项与表单的对象不同"
    elif limits and field.kind not in NUMBERS:
        yield f"{at}.least", "only a number has limits", "仅数字类数据项可设上下限"
    if limits != sorted(limits):
        yield f"{at}.most", "it is less than the lower limit", "上限小于下限"


def _condition_faults(question: Asked, before: Mapping[str, Field | None], at: str) -> Iterator[Fault]:
    """`before`: the fields of earlier questions."""
    if not question.only_field:
        return
    field = before.get(question.only_field)
    if question.only_field not in before:
        yield f"{at}.field", "name the field of an earlier question", "须引用排在前面的问题"
    elif field and not {each.code for each in field.choices}.issuperset(question.only_among):
        yield f"{at}.among", "name codes from the list of that field", "须为该数据项选项中的编码"


def overlap(one: FormTemplate, other: FormTemplate) -> list[str]:
    """Returns the fields that both ask for."""
    asked = set(other.fields)
    return [field for field in one.fields if field in asked]
