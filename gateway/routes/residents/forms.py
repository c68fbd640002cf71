"""Routes of one table (一表通): the dictionary of fields, forms, and their tasks."""

from __future__ import annotations

from chassis.types import Record, RecordState
from gateway.api.table import ANYBODY, RouteBuilder
from services.residents.api import dictionary, submissions, xforms
from services.residents.api import forms as api
from services.residents.api.people import Reading
from vocabulary.roles import Permission

fields = RouteBuilder("residents", dictionary.ListedField, tag="fields")
forms = RouteBuilder("residents", RecordState, tag="forms")
sent = RouteBuilder("residents", RecordState, tag="submissions of forms")
tasks = RouteBuilder("residents", RecordState, tag="tasks of forms")

_KEEP_FIELDS, _MAKE, _GIVE = Permission.KEEP_DICTIONARY, Permission.MAKE_FORMS, Permission.GIVE_FORMS
_FIND, _ANSWER, _OPEN = Permission.FIND_RESIDENTS, Permission.KEEP_RESIDENTS, Permission.OPEN_RESIDENT
_FIELD, _FORM, _TASK = "/v1/fields/{field}", "/v1/forms/{template}", "/v1/form-tasks/{task}"
_SENT = "/v1/form-submissions/{submission}"

OPERATIONS = [
    fields.creates("/v1/fields", "define_field", "Define a field of the dictionary", _KEEP_FIELDS, dictionary.NewField),
    fields.lists(
        "/v1/fields", "list_fields", "List the fields of the dictionary", ANYBODY, dictionary.ListedField,
        dictionary.ListFields,
    ),
    fields.reads(_FIELD, "get_field", "Get a field", ANYBODY),
    fields.sets(_FIELD, "revise_field", "Revise a field; what its values are stored by stays", _KEEP_FIELDS,
                dictionary.FieldDefinition),
    fields.acts(_FIELD + "/retire", "retire_field", "Retire a field", _KEEP_FIELDS),
    forms.creates("/v1/forms", "draft_form", "Draft a form", _MAKE, api.NewTemplate),
    forms.lists("/v1/forms", "list_forms", "List the forms in a state", ANYBODY, api.ListedTemplate, api.ListTemplates),
    forms.reads(_FORM, "get_form", "Get a form with its questions", ANYBODY, answer=api.ShownTemplate),
    forms.sets(_FORM, "redraft_form", "Replace a draft", _MAKE, api.NewTemplate),
    forms.reads(
        _FORM + "/overlaps", "list_overlaps", "List published forms that ask the same", _MAKE, answer=api.Overlaps
    ),
    forms.reads(_FORM + "/xlsform", "export_form", "Get the form as an XLSForm", _MAKE, answer=xforms.XlsForm),
    forms.creates(
        "/v1/forms/xlsform", "import_form", "Draft a form from an XLSForm", _MAKE, xforms.NewXlsForm, bulk=True
    ),
    forms.creates(_FORM + "/editions", "draft_edition", "Draft the next edition of a form", _MAKE, api.NewTemplate),
    forms.acts(_FORM + "/publish", "publish_form", "Publish a draft; the edition before it retires", _MAKE),
    forms.acts(_FORM + "/retire", "retire_form", "Retire a form; its open tasks are withdrawn", _MAKE),
    forms.creates(_FORM + "/tasks", "give_form", "Give a form to an area: a task for each grid", _GIVE, api.NewTask,
                  answer=Record),
    forms.figures(
        _FORM + "/progress", "show_progress", "Show how far the tasks of a form are, by what lies below an area", _GIVE,
        api.OfArea, answer=api.ProgressByTier,
    ),
    forms.figures(
        "/v1/form-savings", "show_savings", "Show what asking once has saved", _GIVE, api.OfArea,
        answer=api.Savings,
    ),
    tasks.lists("/v1/form-tasks", "list_tasks", "List the tasks of an area", _FIND, api.ListedTask, api.ListTasks),
    tasks.reads(
        _TASK + "/subjects/{subject}", "get_prefilled", "Get the form for a subject, with what is known", _ANSWER,
        answer=api.PrefilledForm,
    ),
    tasks.asks(
        _TASK + "/subjects/{subject}/open", "open_prefilled", "Get it with sensitive values too, for a purpose", _OPEN,
        Reading, answer=api.PrefilledForm,
    ),
    tasks.acts(
        _TASK + "/answers", "answer_task", "Answer for a subject: give what changed, confirm the rest", _ANSWER,
        api.Answers, answer=api.Answered,
    ),
    sent.lists(
        "/v1/form-submissions", "list_submissions", "List what phones sent, such as what contradicts what is held",
        _ANSWER, submissions.ListedSubmission, submissions.ListSubmissions,
    ),
    sent.reads(
        _SENT, "compare_submission", "Get a submission beside what is held", _ANSWER,
        answer=submissions.ShownSubmission,
    ),
    sent.asks(
        _SENT + "/open", "open_submission", "Get it with sensitive values too, for a purpose", _OPEN, Reading,
        answer=submissions.ShownSubmission,
    ),
    sent.acts(
        _SENT + "/decide", "decide_submission", "Decide which of both values are kept", _ANSWER, submissions.Decision
    ),
    tasks.acts(_TASK + "/finish", "finish_task", "Say that the whole grid was answered for", _ANSWER),
]  # fmt: skip
