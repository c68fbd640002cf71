"""Commands, timer and event handlers of submissions: received, written back in their order, or decided by a person."""

from __future__ import annotations

from functools import partial
from typing import Any

from chassis.context import Call, Received
from chassis.entrypoints.consumer import every, handles
from chassis.entrypoints.rpc_server import command
from chassis.errors import Invalid, NotFound, Refused, Taken
from chassis.persistence.tenant_data import ALL, TenantData
from chassis.types import Answer, Id
from chassis.usecases.records import change, create, get, put, step_answer
from chassis.usecases.service import Documents
from chassis.usecases.visibility import is_seen, require_seen
from services.residents.api import submissions as api
from services.residents.forms.model import FormTemplate
from services.residents.submissions.answers import Values, answers_of, contradictions
from services.residents.submissions.events import SubmissionChanged
from services.residents.submissions.model import APPLIED, DROPPED, HELD, HeldChanged, Submission, key_of
from services.residents.submissions.reading import Read, read
from services.residents.submissions.sealed import SealedSubmissions
from services.residents.tasks.answers import merged_of, subject_in, values_of
from services.residents.tasks.events import TaskMoved
from services.residents.tasks.model import FormTask
from services.residents.tasks.versions import changed_since, version_of
from services.residents.values.events import ValuesConfirmed
from services.residents.values.model import Source, SubjectValues
from vocabulary.access import require_in_area
from vocabulary.roles import Permission

_HELD_CHECK = 60


class _Contested(Exception):
    """Others changed these fields meanwhile."""

    def __init__(self, fields: list[str]) -> None:
        self.fields = fields


class _WrittenBack(Exception):
    """An event of it came again."""


class SubmissionCommands(SealedSubmissions):
    documents: Documents = (Submission,)

    @command
    def submit_form(self, call: Call, form: api.NewSubmission) -> Answer:
        """Receives what a phone sent: the same XML once, however often. What cannot be an answer is refused at once."""
        data, sent = self.data.of(call), read(form.xml)
        if (before := _received(data, sent)) is not None:
            return before
        task = get(data, FormTask, sent.task)
        require_in_area(call.principal, Permission.KEEP_RESIDENTS, task.area)
        values = self._sealed(call, self._answers_in(call, task, sent))
        try:
            return create(
                data,
                Submission,
                lambda _: Submission.receive(call.principal, sent, task, values, call.now),
                step_answer,
            )
        except Taken:
            return _received(data, sent) or {}

    @command
    def decide_submission(self, call: Call, submission: Id, form: api.Decision) -> Answer:
        """Writes back what a person decided on after comparing it with what is held."""
        data = self.data.of(call)

        def act(each: Submission) -> None:
            each.require_decidable(call.principal)
            template = data.get(FormTemplate, data.get(FormTask, each.task).template)
            values = values_of(data, template.about, each.subject)
            version = version_of(values, merged_of(data, values))
            given = {field: value for field, value in self._given_in(call, each).items() if field not in form.keep}
            if not given:
                each.drop(call.principal, version)
                return
            sealed = self._sealed(call, given)
            each.decide(call.principal, sealed, form.held_version)
            if version != form.held_version:
                raise HeldChanged(held_version=version)
            self._answering(call, template, values).checked(given, call.now)

        return change(data, Submission, submission, act, step_answer)

    @handles(SubmissionChanged)
    def write_back(self, event: Received) -> None:
        """In the order of its branch; what contradicts what is held waits for a person."""
        data, key = self.data.of(event), event.envelope.subject
        submission = data.get(Submission, key)
        if not submission.is_pending:
            return
        base = _base_of(data, submission)
        if base is None:
            data.change(Submission, key, lambda each: each.hold())
            return
        try:
            self._write_back(event, submission, base)
        except _WrittenBack:
            return
        except _Contested as contested:
            data.change(Submission, key, partial(Submission.contest, fields=contested.fields, reason=""))
        except (Invalid, Refused, NotFound) as problem:
            data.change(Submission, key, partial(Submission.contest, fields=[], reason=problem.code))

    def _write_back(self, event: Received, submission: Submission, base: int) -> None:
        data, given = self.data.of(event), self._given_in(event, submission)
        task = data.get(FormTask, submission.task)
        template = data.get(FormTemplate, task.template)

        def act(values: SubjectValues) -> None:
            if submission.key in values.submissions:
                raise _WrittenBack
            task.require_open()
            subject = subject_in(data, template.about, submission.subject, task.area)
            merged = merged_of(data, values)
            answering = self._answering(event, template, values)
            contested = contradictions(answering, given, changed_since(base, given, values, merged))
            if contested:
                raise _Contested(contested)
            answer = answering.checked(given, event.now)
            values.follow(subject.area, there=True)
            version = version_of(values, merged) + 1
            values.confirm(
                answer, Source(task.key, template.key, task.area, submission.by, event.now, submission.key, version)
            )

        put(data, SubjectValues.blank(event.tenant, template.about, submission.subject), act, step_answer)

    @handles(ValuesConfirmed)
    def note_written_back(self, event: Received) -> None:
        told = event.as_(ValuesConfirmed)
        if told.submission:
            self.data.of(event).change(Submission, told.submission, lambda each: each.apply(told.version))

    @handles(SubmissionChanged)
    def release_next(self, event: Received) -> None:
        """What the phone made after this one need not wait any more."""
        data = self.data.of(event)
        submission = data.get(Submission, event.envelope.subject)
        if submission.state in (APPLIED, DROPPED) and submission.branch:
            for each in _in_branch(data, submission, submission.base + 1):
                if each.state == HELD:
                    data.change(Submission, each.key, lambda held: held.release())

    @handles(TaskMoved)
    def move_submissions(self, event: Received) -> None:
        data = self.data.of(event)
        area = data.get(FormTask, event.envelope.subject).area
        for row in data.rows(Submission, {"task": event.envelope.subject}, ["area"], limit=ALL):
            data.change(Submission, row["key"], lambda each: each.follow(area))

    @every(interval=_HELD_CHECK)
    def give_up_waiting(self) -> None:
        self.data.each_due(Submission, lambda submission, now: submission.tick(now))

    def _answers_in(self, call: Call, task: FormTask, sent: Read) -> Values:
        """Returns the answers, which the form takes as things are. Raises what it refuses."""
        data = self.data.of(call)
        task.require_open()
        template = data.get(FormTemplate, task.template)
        subject_in(data, template.about, sent.subject, task.area)
        answering = self._answering(call, template, values_of(data, template.about, sent.subject))
        given = answers_of(answering, sent.texts)
        answering.checked(given, call.now)
        return given


def _received(data: TenantData, sent: Read) -> dict[str, Any] | None:
    """Returns what was answered when it came first. Raises `InstanceChanged` if it was another one."""
    try:
        before = data.get(Submission, key_of(sent.instance))
    except NotFound:
        return None
    require_seen(is_seen(before, data.context))
    before.require_same(sent.digest)
    return {"id": before.key, "version": before.version, "state": before.state}


def _base_of(data: TenantData, submission: Submission) -> int | None:
    """Returns the version that it was made of; None while what the phone made before it is not written back."""
    if submission.decided_on is not None:
        return submission.decided_on
    if not submission.follows:
        return submission.base
    former = _in_branch(data, submission, submission.base - 1)
    return next((each.applied for each in former if each.state in (APPLIED, DROPPED)), None)


def _in_branch(data: TenantData, submission: Submission, base: int) -> list[Submission]:
    where = {"branch": submission.branch, "base": base, "subject": submission.subject, "task": submission.task}
    return data.find(Submission, where, [("_id", 1)], ALL)
