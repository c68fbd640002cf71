"""Bulk import of a register, one page of rows per command: rejected rows are returned by line, the others are stored.

A row makes what it names and what is not there yet: the dwelling, the household, the resident. Each has a key that is
made from the row, so that an import which was interrupted anywhere goes on when it is repeated.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple, TypeVar

import msgspec
from eventlet import GreenPool

from chassis.context import Call
from chassis.entrypoints.rpc_server import command
from chassis.errors import NotFound, Problem, Refused, Unavailable
from chassis.ids import derived
from chassis.persistence.aggregate import Aggregate
from chassis.persistence.tenant_data import TenantData
from chassis.types import Answer
from services.residents.api.imports import ImportedResident, Register, RegisteredPerson
from services.residents.directory.lookups import estate_of, require_home_place
from services.residents.directory.replicas import today
from services.residents.directory.spoken import Spoken
from services.residents.dwellings.keys import key_of_door
from services.residents.dwellings.model import Dwelling
from services.residents.households.model import Household
from services.residents.people.model import Resident
from services.residents.people.profile import Profile
from services.residents.people.sealed_profile import SealedProfiles
from vocabulary.access import require_in_area, require_role
from vocabulary.rights import NOTHING, may
from vocabulary.roles import Permission

A = TypeVar("A", bound=Aggregate)
_AT_ONCE = 64


class ImportedOtherwise(Refused):
    """`resident`: whom this number of the register stands for here."""

    code = "resident.imported_otherwise"
    en = "The number in this row is known ({resident:verbatim}) with other content. An import changes nobody."
    zh = "本行编号已导入（{resident:verbatim}），但内容不同。导入不修改已有档案。"


class LivesElsewhere(Refused):
    code = "resident.household_elsewhere"
    en = "Another row or an earlier import says that this household lives in another dwelling."
    zh = "其他行或此前导入的数据中，该户登记在另一处房屋。"


class _Row(NamedTuple):
    """What a row makes, if it is not there yet."""

    line: int
    dwelling: Dwelling
    household: Household
    resident: Resident


class RegisterImport(SealedProfiles):
    @command
    def import_residents(self, call: Call, form: Register) -> Answer:
        """Returns `ImportedRegister`. Raises `Unavailable` before any write if a row's replicas are missing."""
        require_role(call.principal, Permission.IMPORT_RESIDENTS)
        data = self.data.of(call)
        reader = _RowReader(self, call, form.source)
        read = [reader.read(row) for row in form.rows]
        for missing in read:
            if isinstance(missing, Unavailable):
                raise missing  # only now, so that every missing replica has been requested before the retry
        rows = [row for row in read if isinstance(row, _Row)]
        outcomes = list(_store(data, rows))
        rejected = [each for each in (*read, *outcomes) if isinstance(each, dict)]
        imported = [each for each in outcomes if isinstance(each, ImportedResident)]
        made = sum(each.made for each in imported)
        return {"made": made, "known": len(imported) - made, "residents": imported, "rejected": rejected}


class _RowReader:
    """Reads the rows of one page, with cached lookups."""

    def __init__(self, service: RegisterImport, call: Call, source: str) -> None:
        self._data = data = service.data.of(call)
        self._service, self._call, self._source = service, call, source
        self._words = Spoken(data)
        self._place = cache(lambda path: require_home_place(data, path))
        self._estate = cache(lambda building, area: estate_of(data, building, area))

    def read(self, row: RegisteredPerson) -> _Row | Answer | Unavailable:
        """Returns what the row makes, `{line, reason}` of a rejected row, or `Unavailable` if a replica may be on its
        way."""
        try:
            return self._made_of(row)
        except Unavailable as missing:
            return missing
        except Problem as problem:
            return {"line": row.line, "reason": problem.in_short(self._words)}

    def _made_of(self, row: RegisteredPerson) -> _Row:
        by, tenant, now = self._call.principal, self._call.tenant, self._call.now
        if not may(by, Permission.IMPORT_RESIDENTS, NOTHING):
            require_in_area(by, Permission.IMPORT_RESIDENTS, row.area)
        self._place(row.area)
        profile = self._profile(row)
        sealer = self._service.keys.of(tenant)
        key = key_of_door(self._data, sealer.blind, row.area, row.building, row.door)
        dwelling = Dwelling.at(tenant, key, row.area)
        dwelling.describe(
            estate=self._estate(row.building, row.area) if row.building else "", building=row.building,
            door=self._service._seal(self._call, row.door, "dwelling.door"),
        )  # fmt: skip
        person = derived(tenant, self._source, "person", row.person)
        household = Household.made(
            tenant, derived(tenant, self._source, "household", row.register_household), dwelling, now,
            head=person if row.relation == "head" else "",
        )  # fmt: skip
        sealed, facts = self._service.sealed_profile(self._call, profile, row.area)
        facts |= {"import_digest": sealer.blind(_digest_of(row), "import")}
        resident = Resident.made(by, person, household, row.relation, sealed, facts, now, self._source)
        return _Row(row.line, dwelling, household, resident)

    def _profile(self, row: RegisteredPerson) -> Profile:
        profile = Profile.of(
            name=row.name, identity_number=row.identity_number, phone=row.phone, birthday=row.birthday, sex=row.sex
        )
        profile.require_born_by(today(self._data))
        return profile


def _store(data: TenantData, rows: list[_Row]) -> Iterator[ImportedResident | Answer]:
    """Stores dwellings, then households, then residents: wherever it stops, nothing names what is not there."""
    before = _stored(data, Resident, {row.resident.key for row in rows})
    new = [row for row in rows if row.resident.key not in before]
    _add(data, {row.dwelling.key: row.dwelling for row in reversed(new)})
    _add(data, _households_of(new))
    lived_in = _stored(data, Household, {row.household.key for row in new})
    fitting = [row for row in new if lived_in[row.household.key].dwelling == row.dwelling.key]
    _add(data, {row.resident.key: row.resident for row in reversed(fitting)})
    there = before | _stored(data, Resident, {row.resident.key for row in fitting})
    made: set[str] = set()
    for row in rows:
        key, known = row.resident.key, there.get(row.resident.key)
        if known is None:
            yield {"line": row.line, "reason": LivesElsewhere().in_short()}
        elif known.import_digest != row.resident.import_digest:
            yield {"line": row.line, "reason": ImportedOtherwise(resident=key).in_short()}
        else:
            yield ImportedResident(line=row.line, id=key, made=key not in before and key not in made)
            made.add(key)


def _households_of(rows: list[_Row]) -> dict[str, Household]:
    """Returns the household of the first row that names it, with the head that one of them names."""
    found: dict[str, Household] = {}
    for row in rows:
        household = found.setdefault(row.household.key, row.household)
        household.head = household.head or row.household.head
    return found


def _add(data: TenantData, documents: Mapping[str, Aggregate]) -> None:
    """Adds those that are not there; concurrent adds share batched commits."""
    for _ in GreenPool(_AT_ONCE).imap(data.add, documents.values()):
        pass


def _stored(data: TenantData, model: type[A], keys: Iterable[str]) -> dict[str, A]:
    """Returns those that are there; concurrent reads share one query."""

    def read(key: str) -> A | None:
        try:
            return data.get(model, key)
        except NotFound:
            return None

    return {found.key: found for found in GreenPool(_AT_ONCE).imap(read, list(keys)) if found is not None}


def _digest_of(row: RegisteredPerson) -> str:
    """Returns a digest of what the row says, wherever it stands in its file."""
    said: dict[str, Any] = msgspec.structs.asdict(row)
    del said["line"]
    return hashlib.sha256(msgspec.json.encode(said, order="sorted")).hexdigest()
