"""How a sentence says codes and moments to the people of a tenant: by their names, and in local time.

A service subclasses `Spoken` and says where it finds the names. Persons have none here: a sentence repeats the id that
its reader gave.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar
from zoneinfo import ZoneInfo

from mongoengine import Document

from chassis.persistence.tenant_data import TenantData
from chassis.security.principal import codes_of
from chassis.sentences import CHINESE, LANGUAGES

Names = Mapping[str, str]
"""The name in each language; empty if the code stands for nothing."""

KINDS = ("unit", "place", "category", "case")
"""What placeholders name: a department or a division by its code, a division or a grid by its code or path, a
category by its code, and a case by its id, which cases say by its number."""


class Spoken(ABC):
    """Reads a name when a sentence asks for it, each once; a sentence is said only when something is refused.

    `places`: the records that have a name under the code of a unit, division or grid; these share no code.
    """

    places: ClassVar[tuple[type[Document], ...]]

    def __init__(self, data: TenantData) -> None:
        self._data = data
        self._known: dict[tuple[str, str], Names] = {}

    def name(self, kind: str, code: str, language: str) -> str:
        if (names := self._known.get((kind, code))) is None:
            names = self._names(kind, code)
            self._known[kind, code] = names
        return names.get(language, "")

    def time(self, moment: datetime, language: str) -> str:
        """Returns the day and the time on the tenant's clocks; the year only if it is not the present one."""
        zone = self._zone()
        local, year = moment.astimezone(zone), self._data.context.now.astimezone(zone).year
        if language == CHINESE:
            return ("" if local.year == year else f"{local.year}年") + f"{local.month}月{local.day}日 {local:%H:%M}"
        return f"{local.day} {local:%b}" + ("" if local.year == year else f" {local.year}") + f", {local:%H:%M}"

    def _names(self, kind: str, code: str) -> Names:
        return self._category(code) if kind == "category" else self._place(code)

    def _place(self, code: str) -> Names:
        key = next(iter(codes_of(code)[-1:]), "")
        for model in self.places:
            for row in self._data.rows(model, {"_id": f"{self._data.context.tenant}:{key}"}, ["name"], limit=1):
                if name := row.get("name"):
                    return dict.fromkeys(LANGUAGES, str(name))
        return {}

    @abstractmethod
    def _category(self, code: str) -> Names: ...

    @abstractmethod
    def _zone(self) -> ZoneInfo: ...
