"""Commands and queries of the field dictionary."""

from __future__ import annotations

from chassis.context import Call
from chassis.entrypoints.rpc_server import command, query
from chassis.types import Answer, Id, Listed
from chassis.usecases.pages import listed
from chassis.usecases.records import change, create, get, state_answer
from chassis.usecases.service import Documents
from services.residents.api import dictionary as api
from services.residents.dictionary.model import Field
from services.residents.records import ResidentsUseCases


class DictionaryCommands(ResidentsUseCases):
    documents: Documents = (Field,)

    @command
    def define_field(self, call: Call, form: api.NewField) -> Answer:
        return create(self.data.of(call), Field, lambda _: Field.define(call.principal, form.code, form))

    @command
    def revise_field(self, call: Call, field: Id, form: api.FieldDefinition) -> Answer:
        return change(self.data.of(call), Field, field, lambda found: found.revise(call.principal, form))

    @command
    def retire_field(self, call: Call, field: Id) -> Answer:
        return change(self.data.of(call), Field, field, lambda found: found.retire(call.principal))

    @query
    def get_field(self, call: Call, field: Id) -> Answer:
        return state_answer(get(self.data.of(call), Field, field))

    @query
    def list_fields(self, call: Call, form: api.ListFields) -> Listed[Answer]:
        """Fields by code, also retired ones."""
        where = {"about": form.about} if form.about else {}
        return listed(self.data.of(call), Field, where, form.after or "", form.limit)
