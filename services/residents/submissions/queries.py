"""Queries of submissions: what waits for a decision, side by side with what is held."""

from __future__ import annotations

from chassis.context import Call
from chassis.entrypoints.rpc_server import query
from chassis.types import Answer, Id, Listed
from chassis.usecases.pages import in_key_order
from chassis.usecases.records import fields_of, get, to_answer
from services.residents.api import submissions as api
from services.residents.api.people import Reading
from services.residents.dictionary.values import of_text
from services.residents.forms.model import FormTemplate
from services.residents.placed import in_area
from services.residents.submissions.model import Submission
from services.residents.submissions.sealed import SealedSubmissions
from services.residents.tasks.answering import Answering
from services.residents.tasks.answers import merged_of, values_of
from services.residents.tasks.model import FormTask
from services.residents.tasks.versions import version_of
from vocabulary.access import require_in_area, require_role
from vocabulary.roles import Permission

_LISTED = fields_of(api.ListedSubmission)


class SubmissionQueries(SealedSubmissions):
    @query
    def list_submissions(self, call: Call, form: api.ListSubmissions) -> Listed[Answer]:
        """Submissions of an area, by id, for those who answer: that a question was answered may say something."""
        require_role(call.principal, Permission.KEEP_RESIDENTS)
        where = in_area(call.principal, form.area or "") | {"state": form.state}
        found, following = in_key_order(self.data.of(call), Submission, where, form)
        return Listed(items=[to_answer(each, *_LISTED) for each in found], next=following)

    @query
    def compare_submission(self, call: Call, submission: Id) -> Answer:
        """Both sides, without sensitive values."""
        found = get(self.data.of(call), Submission, submission)
        require_in_area(call.principal, Permission.KEEP_RESIDENTS, found.area)
        return self._compared(call, found, opened=False)

    @query
    def open_submission(self, call: Call, submission: Id, form: Reading) -> Answer:
        """The same with sensitive values, for a purpose; the reason stays in the audit log."""
        found = get(self.data.of(call), Submission, submission)
        self._note_opening(call, "submission", [submission, found.subject], found.area, form)
        return self._compared(call, found, opened=True)

    def _compared(self, call: Call, found: Submission, opened: bool) -> Answer:
        data = self.data.of(call)
        template = data.get(FormTemplate, data.get(FormTask, found.task).template)
        values = values_of(data, template.about, found.subject)
        answering = self._answering(call, template, values)
        fields = [
            _both(answering, field, value, field in found.contested, opened)
            for field, value in self._given_in(call, found).items()
            if field in answering.fields
        ]
        version = version_of(values, merged_of(data, values))
        return to_answer(found, *_LISTED) | {"held_version": version, "fields": fields}


def _both(answering: Answering, code: str, submitted: object, contested: bool, opened: bool) -> Answer:
    field, held = answering.fields[code], answering.known.get(code)
    sealed = field.is_sensitive and not opened
    value = answering.shown(code)
    if held is not None and held.sealed and opened:
        value = of_text(answering.open(code, held.text))
    return {
        "field": code, "zh": field.zh, "en": field.en, "contested": contested, "sealed": sealed,
        "submitted": None if sealed else submitted, "held": None if sealed else value,
        "given_at": held.given_at if held else None, "given_by": held.by if held else "",
    }  # fmt: skip
