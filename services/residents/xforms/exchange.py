"""Command and query that exchange forms with other tools, as XLSForm files."""

from __future__ import annotations

from chassis.context import Call
from chassis.entrypoints.rpc_server import command, query
from chassis.persistence.tenant_data import ALL
from chassis.types import Answer, Id
from chassis.usecases.records import create, get, step_answer
from services.residents.api import xforms as api
from services.residents.dictionary.lookups import fields_in
from services.residents.dictionary.model import Field
from services.residents.forms.model import FormTemplate
from services.residents.records import ResidentsUseCases
from services.residents.xforms import xlsx
from services.residents.xforms.importing import read_form
from services.residents.xforms.workbook import workbook
from vocabulary.access import require_role
from vocabulary.roles import Permission


class FormExchange(ResidentsUseCases):
    @query
    def export_form(self, call: Call, template: Id) -> api.XlsForm:
        """The form as an XLSForm, without anything that is known of anybody."""
        require_role(call.principal, Permission.MAKE_FORMS)
        data = self.data.of(call)
        found = get(data, FormTemplate, template)
        book = workbook(found, fields_in(data, found.fields))
        return api.XlsForm(name=f"{found.key}-{found.edition}.xlsx", file=xlsx.written(book))

    @command
    def import_form(self, call: Call, form: api.NewXlsForm) -> Answer:
        """Drafts a form from an XLSForm. Raises `Invalid` with every question that has no field here."""
        require_role(call.principal, Permission.MAKE_FORMS)
        data = self.data.of(call)
        known = data.find(Field, {"about": form.about}, limit=ALL)
        read = read_form(xlsx.read(form.file), form.about, form.minutes, known)
        fields = {each.key: each for each in known}

        def build(key: str) -> FormTemplate:
            return FormTemplate.draft(call.principal, key, read, fields, call.now)

        return create(data, FormTemplate, build, step_answer)
