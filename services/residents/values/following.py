"""Event handlers of values: they lie where their subject lies."""

from __future__ import annotations

import msgspec

from chassis.context import Received
from chassis.entrypoints.consumer import handles
from chassis.errors import NotFound
from chassis.persistence.tenant_data import TenantData
from services.residents.dwellings.events import DwellingChanged
from services.residents.households.events import HouseholdChanged
from services.residents.people.events import ResidentChanged
from services.residents.records import ResidentsUseCases
from services.residents.values.events import ValuesConfirmed, ValuesImported
from services.residents.values.model import SubjectValues, key_of
from services.residents.values.subjects import SUBJECTS, is_there


class _Told(msgspec.Struct):
    about: str
    subject: str


class FollowingValues(ResidentsUseCases):
    @handles(ResidentChanged)
    def follow_resident_with_values(self, event: Received) -> None:
        _follow(self.data.of(event), "resident", event.envelope.subject)

    @handles(HouseholdChanged)
    def follow_household_with_values(self, event: Received) -> None:
        _follow(self.data.of(event), "household", event.envelope.subject)

    @handles(DwellingChanged)
    def follow_dwelling_with_values(self, event: Received) -> None:
        _follow(self.data.of(event), "dwelling", event.envelope.subject)

    @handles(ValuesConfirmed, ValuesImported)
    def place_values(self, event: Received) -> None:
        """Those that are new, whose subject may have moved by now."""
        told = event.as_(_Told)
        _follow(self.data.of(event), told.about, told.subject)


def _follow(data: TenantData, about: str, key: str) -> None:
    def follow(values: SubjectValues) -> None:
        subject = data.get(SUBJECTS[about], key)
        values.follow(subject.area, is_there(subject))

    try:
        data.change(SubjectValues, key_of(about, key), follow)
    except NotFound:
        return
