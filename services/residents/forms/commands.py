"""Commands and queries of forms."""

from __future__ import annotations

from chassis.context import Call, Received
from chassis.entrypoints.consumer import handles
from chassis.entrypoints.rpc_server import command, query
from chassis.persistence.tenant_data import ALL
from chassis.types import Answer, Id, Listed
from chassis.usecases.pages import in_key_order
from chassis.usecases.records import change, create, fields_of, get, step_answer, to_answer
from chassis.usecases.service import Documents
from services.residents.api import forms as api
from services.residents.dictionary.lookups import fields_in
from services.residents.forms.events import FormPublished
from services.residents.forms.model import PUBLISHED, Asked, FormTemplate, overlap
from services.residents.records import ResidentsUseCases
from vocabulary.access import require_role
from vocabulary.roles import Permission

_LISTED = fields_of(api.ListedTemplate)


class FormCommands(ResidentsUseCases):
    documents: Documents = (FormTemplate,)

    @command
    def draft_form(self, call: Call, form: api.NewTemplate) -> Answer:
        data = self.data.of(call)
        fields = fields_in(data, [each.field for each in form.questions])
        return create(
            data, FormTemplate, lambda key: FormTemplate.draft(call.principal, key, form, fields, call.now), step_answer
        )

    @command
    def draft_edition(self, call: Call, template: Id, form: api.NewTemplate) -> Answer:
        """A draft that replaces the published form once it is published itself."""
        data = self.data.of(call)
        fields = fields_in(data, [each.field for each in form.questions])

        def build(key: str) -> FormTemplate:
            former = get(data, FormTemplate, template)
            return FormTemplate.draft(call.principal, key, form, fields, call.now, former)

        return create(data, FormTemplate, build, step_answer)

    @command
    def redraft_form(self, call: Call, template: Id, form: api.NewTemplate) -> Answer:
        data = self.data.of(call)
        fields = fields_in(data, [each.field for each in form.questions])
        return change(
            data, FormTemplate, template, lambda found: found.redraft(call.principal, form, fields), step_answer
        )

    @command
    def publish_form(self, call: Call, template: Id) -> Answer:
        data = self.data.of(call)

        def act(found: FormTemplate) -> None:
            former = data.get(FormTemplate, found.replaces) if found.replaces else None
            found.publish(call.principal, fields_in(data, found.fields), former)

        return change(data, FormTemplate, template, act, step_answer)

    @command
    def retire_form(self, call: Call, template: Id) -> Answer:
        return change(
            self.data.of(call), FormTemplate, template, lambda found: found.retire(call.principal), step_answer
        )

    @query
    def get_form(self, call: Call, template: Id) -> Answer:
        found = get(self.data.of(call), FormTemplate, template)
        return to_answer(found, *_LISTED) | {"questions": [_shown(each) for each in found.questions]}

    @query
    def list_forms(self, call: Call, form: api.ListTemplates) -> Listed[Answer]:
        found, following = in_key_order(self.data.of(call), FormTemplate, {"state": form.state}, form)
        return Listed(items=[to_answer(each, *_LISTED) for each in found], next=following)

    @query
    def list_overlaps(self, call: Call, template: Id) -> Answer:
        """Published forms that ask the same, those with most in common first."""
        require_role(call.principal, Permission.MAKE_FORMS)
        data = self.data.of(call)
        form = get(data, FormTemplate, template)
        require_role(call.principal, Permission.MAKE_FORMS)
        where = {"about": form.about, "state": PUBLISHED, "questions.field": {"$in": form.fields}}
        others = data.find(FormTemplate, where, [("_id", 1)], ALL)
        items = [
            {"template": other.key, "title": other.title, "fields": overlap(form, other)}
            for other in others
            if other.key not in (form.key, form.replaces)
        ]
        return {"items": sorted(items, key=lambda each: -len(each["fields"]))}

    @handles(FormPublished)
    def retire_former_edition(self, event: Received) -> None:
        published = event.as_(FormPublished)
        if published.replaces:
            self.data.of(event).change(FormTemplate, published.replaces, lambda found: found.give_way())


def _shown(question: Asked) -> Answer:
    return {
        "field": question.field, "section": question.section, "required": question.required, "least": question.least,
        "most": question.most, "only_if": question.condition,
    }  # fmt: skip
