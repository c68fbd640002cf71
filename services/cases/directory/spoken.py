"""The words of cases for the people of a tenant: names and time zone from the replicas of org's records."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from chassis.sentences import CHINESE, LANGUAGES
from services.cases.case.model.case import Case
from services.cases.directory.limit_versions import in_force
from services.cases.directory.replicas import PlaceReplica, UnitReplica, zone_of
from vocabulary import spoken


class Spoken(spoken.Spoken):
    places = (UnitReplica, PlaceReplica)

    def _names(self, kind: str, code: str) -> spoken.Names:
        return self._number(code) if kind == "case" else super()._names(kind, code)

    def _number(self, case: str) -> spoken.Names:
        rows = self._data.rows(Case, {"_id": Case.identity(self._data.context.tenant, case)}, ["number"], limit=1)
        return {language: row["number"] for row in rows for language in LANGUAGES if row.get("number")}

    def _category(self, code: str) -> spoken.Names:
        category = in_force(self._data).categories.get(code, {})
        # Without names if org of an earlier version sent it; a resync brings them.
        return {"en": category["en"], CHINESE: category["zh"]} if category.get("zh") else {}

    def _zone(self) -> ZoneInfo:
        return zone_of(self._data)
