"""Commands, timer and event handlers of tasks: a form is given to an area, grid by grid, and taken back."""

from __future__ import annotations

from functools import partial

from chassis.context import Call, Received
from chassis.entrypoints.consumer import every, handles
from chassis.entrypoints.rpc_server import command
from chassis.errors import Invalid
from chassis.persistence.tenant_data import ALL, TenantData
from chassis.security.principal import codes_of
from chassis.types import Answer, Id
from chassis.usecases.records import change, create, get, step_answer
from chassis.usecases.service import Documents
from services.residents.api import forms as api
from services.residents.directory.lookups import grids_in, place_now, places_moved, require_place
from services.residents.forms.events import FormRetired
from services.residents.forms.model import PUBLISHED, FormTemplate
from services.residents.placed import inside
from services.residents.records import ResidentsUseCases
from services.residents.tasks.events import FormGiven, TaskGiven, TaskMoved
from services.residents.tasks.model import OPEN, AlreadyGiven, FormTask, GivenForm
from services.residents.values.events import ValuesConfirmed
from vocabulary.places import GridMerge, awaiting_places

_LATE_CHECK = 5


class TaskCommands(ResidentsUseCases):
    documents: Documents = (GivenForm, FormTask)

    @command
    def give_form(self, call: Call, template: Id, form: api.NewTask) -> Answer:
        """Gives the form to an area: each grid in it that has no open task of the form gets one."""
        data = self.data.of(call)

        def build(key: str) -> GivenForm:
            found = get(data, FormTemplate, template)
            given = GivenForm.give(call.principal, key, found, form.area, form.due, call.now)
            require_place(data, form.area, "area")
            grids = grids_in(data, form.area)
            if not grids:
                raise Invalid(("area", "no grid lies in it, so nobody would answer", "该区域内没有网格，无人填报"))
            if _having(data, template, form.area).issuperset(grids):
                raise AlreadyGiven(area=form.area)
            return given

        return create(data, GivenForm, build, step_answer)

    @command
    def finish_task(self, call: Call, task: Id) -> Answer:
        return change(self.data.of(call), FormTask, task, lambda found: found.finish(call.principal), step_answer)

    @handles(FormGiven)
    def give_tasks(self, event: Received) -> None:
        data = self.data.of(event)
        given = data.get(GivenForm, event.envelope.subject)
        with awaiting_places():
            area = place_now(data, given.area)
        having = _having(data, given.template, area)
        for grid in grids_in(data, area):
            if grid not in having:
                data.add(FormTask.of(given, grid))

    @handles(TaskGiven, TaskMoved)
    def settle_task(self, event: Received) -> None:
        """Of what two events did at once: the grid was merged, the form was retired, or given there a second time."""
        data, key = self.data.of(event), event.envelope.subject
        data.change(FormTask, key, partial(_settle, data))
        task = data.get(FormTask, key)
        same = {"template": task.template, "state": OPEN, "area": task.area}
        for row in data.rows(FormTask, same, ["area"], [("given_at", 1), ("_id", 1)], ALL)[1:]:
            data.change(FormTask, row["key"], lambda found: found.withdraw())

    @handles("org.grid_merge.completed.v1")
    def move_tasks(self, event: Received) -> None:
        """The tasks of merged grids are those of the grids that replaced them."""
        data = self.data.of(event)
        for old in places_moved(data, event.as_(GridMerge)):
            for row in data.rows(FormTask, {"codes": codes_of(old)[-1]}, ["area"], limit=ALL):
                data.change(FormTask, row["key"], partial(_follow_grid, data))

    @handles(FormRetired)
    def withdraw_tasks(self, event: Received) -> None:
        data = self.data.of(event)
        where = {"template": event.envelope.subject, "state": OPEN}
        for row in data.rows(FormTask, where, ["area"], limit=ALL):
            data.change(FormTask, row["key"], lambda found: found.withdraw())

    @handles(ValuesConfirmed)
    def count_answer(self, event: Received) -> None:
        """A further answer for the same subject corrects the first one, and counts nothing."""
        told = event.as_(ValuesConfirmed)
        if told.first:
            self.data.of(event).change(FormTask, told.task, lambda found: found.note_answer(told.asked, told.known))

    @every(interval=_LATE_CHECK)
    def note_late_tasks(self) -> None:
        self.data.each_due(FormTask, lambda task, now: task.become_late(now))


def _having(data: TenantData, template: str, area: str) -> set[str]:
    """Returns the grids in an area that have an open task of the form."""
    rows = data.rows(FormTask, {"template": template, "state": OPEN} | inside(area), ["area"], limit=ALL)
    return {row["area"] for row in rows}


def _settle(data: TenantData, task: FormTask) -> None:
    _follow_grid(data, task)
    if data.get(FormTemplate, task.template).state != PUBLISHED:
        task.withdraw()


def _follow_grid(data: TenantData, task: FormTask) -> None:
    with awaiting_places():
        now = place_now(data, task.area)
    task.follow(now)
