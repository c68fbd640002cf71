"""Queries of tasks: lists, how far they are, and what asking once has saved."""

from __future__ import annotations

from chassis.context import Call
from chassis.entrypoints.rpc_server import query
from chassis.sentences import CHINESE
from chassis.types import Answer, Id, Listed
from chassis.usecases.pages import in_key_order
from chassis.usecases.records import fields_of, to_answer
from services.residents.api import forms as api
from services.residents.below import Row, code_below, path_below
from services.residents.placed import in_area
from services.residents.records import ResidentsUseCases
from services.residents.tasks.model import DONE, OPEN, FormTask
from vocabulary.access import require_in_area
from vocabulary.roles import Permission

_LISTED = fields_of(api.ListedTask)


class TaskQueries(ResidentsUseCases):
    @query
    def list_tasks(self, call: Call, form: api.ListTasks) -> Listed[Answer]:
        """Tasks of an area, by id."""
        where = in_area(call.principal, form.area or "") | {"state": form.state}
        found, following = in_key_order(self.data.of(call), FormTask, where, form)
        return Listed(items=[to_answer(each, *_LISTED) for each in found], next=following)

    @query
    def show_progress(self, call: Call, template: Id, form: api.OfArea) -> Answer:
        """Tasks of the form in the area, summed by what lies directly below it."""
        require_in_area(call.principal, Permission.GIVE_FORMS, form.area)
        where = in_area(call.principal, form.area) | {"template": template}
        sums = {"_id": code_below(form.area)} | _PROGRESS
        rows = self.data.of(call).aggregate(FormTask, where, [{"$group": sums}])
        items = [{"area": path_below(form.area, row.pop("_id")), **row} for row in rows]
        return {"items": sorted(items, key=lambda row: row["area"])}

    @query
    def show_savings(self, call: Call, form: api.OfArea) -> Answer:
        """What asking once has saved in the area."""
        require_in_area(call.principal, Permission.GIVE_FORMS, form.area)
        where = in_area(call.principal, form.area)
        found = self.data.of(call).aggregate(FormTask, where, [{"$group": {"_id": None} | _SAVINGS}])
        sums = found[0] if found else dict.fromkeys(_SAVINGS, 0)
        shown = {name: sums[name] for name in ("answers", "asked", "known", "forms")}
        return shown | {"hours": round(sums["minutes"] / 60, 1), "counted": _COUNTED}


def _number_of(*conditions: Row) -> Row:
    return {"$sum": {"$cond": [{"$and": [*conditions]}, 1, 0]}}


_IS_OPEN, _IS_DONE = ({"$eq": ["$state", state]} for state in (OPEN, DONE))
_PROGRESS = {
    "tasks": _number_of({"$in": ["$state", [OPEN, DONE]]}), "done": _number_of(_IS_DONE),
    "late": _number_of(_IS_OPEN, {"$eq": ["$late", True]}), "answered": {"$sum": "$answered"},
}  # fmt: skip
_SAVINGS = {
    "answers": {"$sum": "$answered"}, "asked": {"$sum": "$asked"}, "known": {"$sum": "$known"},
    "forms": {"$sum": "$whole"}, "minutes": {"$sum": "$minutes_saved"},
}  # fmt: skip
_COUNTED = {
    "en": "Counted are the first answers for each subject in each task. A field is saved if its value was known and "
    "stayed; a form, if all its fields were. Hours: the minutes that the form says it takes by hand, times the share "
    "of its fields that were saved.",
    CHINESE: "按每项任务中每个对象的首次填报计算：已有且经确认未变的数据项计为节省的数据项；"
    "全部数据项均如此的，计为节省一张表；节省工时为表单所定手工填报分钟数乘以节省数据项所占比例。",
}
