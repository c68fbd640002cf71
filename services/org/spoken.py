"""The words of org for the people of a tenant: names and time zone from its own records."""

from __future__ import annotations

from functools import cached_property
from zoneinfo import ZoneInfo

from chassis.errors import NotFound
from chassis.sentences import CHINESE
from services.org.api.settings import Settings
from services.org.divisions.model.division import Division
from services.org.grids.model.grid import Grid
from services.org.posts.model.unit import Unit
from services.org.tenants.model.categories import with_standard
from services.org.tenants.model.tenant import Tenant
from vocabulary import spoken


class Spoken(spoken.Spoken):
    places = (Unit, Division, Grid)

    def _category(self, code: str) -> spoken.Names:
        named = {each.code: {"en": each.en, CHINESE: each.zh} for each in with_standard(self._settings.categories)}
        return named.get(code, {})

    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self._settings.calendar.zone)

    @cached_property
    def _settings(self) -> Settings:
        """The defaults for a tenant that is not open yet."""
        try:
            return self._data.get(Tenant, self._data.context.tenant).current_settings
        except NotFound:
            return Settings(name="")
