"""Event handler of visits to households: what a visit found for the city becomes a case."""

from __future__ import annotations

import msgspec

from chassis.context import Received
from chassis.entrypoints.consumer import handles
from chassis.security.principal import Principal
from services.cases.case.commands.base import CaseCommands
from services.cases.case.model.case import Case
from services.cases.case.model.inputs import PlaceAt, Report
from services.cases.case.sealed_text import seal
from services.cases.directory.categories import of_category, stored_category
from services.cases.directory.limit_versions import limits_now
from services.cases.directory.lookups import place_now
from services.cases.numbering.allocation import Numbering
from vocabulary.roles import Role

#: What was found stays with the visit: a case is read by many who may not know which household was visited.
_TEXT = "走访发现，详见走访记录。"


class _Found(msgspec.Struct):
    """`unit`, `post`: of whoever paid the visit."""

    visit: str
    area: str
    category: str
    unit: str = ""
    post: str = ""


class VisitCases(CaseCommands, Numbering):
    @handles("residents.visit.found.v1")
    def make_case_of_visit(self, event: Received) -> None:
        """Creates the case, once. Its place is the grid; whoever paid the visit is its first owner (首问)."""
        data, found = self.data.of(event), event.as_(_Found)
        path = place_now(data, found.area)
        limits, version = limits_now(data, path)
        visitor = Principal(
            tenant=event.tenant, subject=event.envelope.actor, roles=frozenset({Role.GRID_WORKER}), area=path,
            unit=found.unit, post=found.post,
        )  # fmt: skip

        def build(key: str) -> Case:
            report = Report(
                number=self._number(event),
                category=found.category,
                place=PlaceAt(path=path),
                text=seal(self.keys.of(event.tenant), "text", _TEXT),
                visit=found.visit,
                **of_category(stored_category(data, found.category), version),
            )
            return Case.report(visitor, key, report, limits, event.now)

        data.create(Case, build)
