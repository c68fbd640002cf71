"""A town with one table (一表通): fields, forms, tasks of two grids, and answers about their dwellings."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from tests.integration.residents.town import COMMUNITY, GRID, SECOND, Town
from tests.servers.waiting import wait_for

CHOICES = [
    {"code": code, "zh": zh, "en": en} for code, zh, en in (("own", "自有", "Owned"), ("rented", "租住", "Rented"))
]
FIELDS: dict[str, dict[str, Any]] = {
    "housing": {"kind": "choice", "choices": CHOICES},
    "rooms": {"kind": "whole"},
    "rent": {"kind": "decimal", "measure": "元", "sensitivity": "sensitive"},
    "checked": {"kind": "date", "holds_months": 1},
}
HOUSING = {"field": "housing", "required": True}
ROOMS = {"field": "rooms", "least": 1, "most": 20}
RENT = {"field": "rent", "required": True, "only_if": {"field": "housing", "among": ["rented"]}}
CHECKED = {"field": "checked"}
WORKERS = {GRID: "worker", SECOND: "second"}


class OneTable:
    """Asks the town's residents."""

    def __init__(self, town: Town) -> None:
        self.town, self.ask = town, town.ask
        for code, facts in FIELDS.items():
            self.define(code, **facts)

    def define(self, code: str, *, about: str = "dwelling", **facts: Any) -> None:
        named = {"zh": f"数据项{code}", "en": code, "about": about}
        self.ask("tenant_admin", "define_field", code=code, **named, **facts)

    def draft(self, *questions: dict[str, Any], former: str = "", **changes: Any) -> str:
        form = {"title": "房屋采集表", "about": "dwelling", "questions": questions} | changes
        method, of = ("draft_edition", {"template": former}) if former else ("draft_form", {})
        return str(self.ask("street", method, **of, **form)["id"])

    def form(self, *questions: dict[str, Any], **changes: Any) -> str:
        """A form that is published."""
        template = self.draft(*(questions or (HOUSING, ROOMS, RENT)), **changes)
        self.ask("street", "publish_form", template=template)
        return template

    def give(self, template: str, area: str = COMMUNITY, days: int = 7, **more: Any) -> None:
        due = self.town.site.now + timedelta(days=days)
        self.ask("street", "give_form", template=template, area=area, due=due, **more)

    def given(self, *questions: dict[str, Any], **changes: Any) -> dict[str, str]:
        """The tasks, by grid, of a form that was given to the community."""
        template = self.form(*questions, **changes)
        self.give(template)
        return self.tasks_of(template)

    def tasks_of(self, template: str, grids: Iterable[str] = (GRID, SECOND)) -> dict[str, str]:
        """Waits for an open task in each of the grids, and in no other one."""
        wait_for(lambda: sorted(row["area"] for row in self.rows(template)) == sorted(grids))
        return {row["area"]: row["id"] for row in self.rows(template)}

    def rows(self, template: str, state: str = "OPEN") -> list[dict[str, Any]]:
        listed = self.ask("street", "list_tasks", state=state)["items"]
        return [row for row in listed if row["template"] == template]

    def form_of(self, tasks: dict[str, str]) -> str:
        """The form of a task."""
        stored = self.town.row(next(iter(tasks.values())), "form_tasks")
        return str(stored["template"])

    def answer(
        self, tasks: dict[str, str], subject: str, grid: str = GRID, key: str | None = None, **values: Any
    ) -> Any:
        return self.ask(WORKERS[grid], "answer_task", task=tasks[grid], subject=subject, values=values, key=key)

    def prefilled(self, tasks: dict[str, str], subject: str) -> dict[str, dict[str, Any]]:
        shown = self.ask("worker", "get_prefilled", task=tasks[GRID], subject=subject)["questions"]
        return {question["field"]: question for question in shown}

    def known(self, tasks: dict[str, str], subject: str) -> dict[str, Any]:
        return {code: each["value"] for code, each in self.prefilled(tasks, subject).items() if each["known"]}

    def dwelling(self, grid: str = GRID) -> str:
        return self.town.dwelling(WORKERS[grid], area=grid)

    def counted(self, template: str, state: str = "OPEN") -> dict[str, int]:
        """How many were answered for in each grid."""
        return {row["area"]: row["answered"] for row in self.rows(template, state)}
