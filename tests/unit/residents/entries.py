"""Entries of categories, for the tests of residents."""

from __future__ import annotations

from datetime import datetime, timedelta

from chassis.security.principal import Principal
from services.residents.categories.model.category import CategoryEntry
from services.residents.categories.model.entry import Given
from services.residents.categories.model.term import Term
from services.residents.managed.model import ManagedEntry
from services.residents.people.model import Resident
from tests.unit.residents import samples as s

YEAR, DAY = timedelta(days=365), timedelta(days=1)
LATEST = s.NOW + YEAR
GIVEN = Given(name="sealed", aim="走访", legal_basis="办法第五条", source="入户登记", note="sealed note")


def term(valid_until: datetime | None = None, review_at: datetime | None = None) -> Term:
    return Term.of(s.NOW, LATEST, valid_until, review_at)


def category(by: Principal = s.WORKER, kind: str = "service", resident: Resident | None = None) -> CategoryEntry:
    return CategoryEntry.record(by, "E1", resident or s.resident(), kind, GIVEN, None, term(), s.NOW)


def managed(by: Principal = s.COMMUNITY_STAFF, resident: Resident | None = None) -> ManagedEntry:
    return ManagedEntry.propose(by, "M1", resident or s.resident(), GIVEN, "社区矫正法", term(), s.NOW)
