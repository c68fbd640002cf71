"""Bulk import of cases, one page of rows per command: rejected rows are returned by line, the others are stored."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache, partial
from typing import Any

import msgspec
from eventlet import GreenPool

from chassis.context import Call
from chassis.entrypoints.rpc_server import command
from chassis.errors import Fault, Forbidden, Invalid, NotFound, Problem, Refused, Unavailable, spoken_fault
from chassis.ids import derived
from chassis.persistence.tenant_data import TenantData
from chassis.types import Answer, require_both
from services.cases.api.imports import Import, ImportedCase, ImportedRow
from services.cases.case.commands.base import CaseCommands
from services.cases.case.model.case import Case
from services.cases.case.model.geo_cells import cell_at
from services.cases.case.model.imported import import_faults
from services.cases.case.model.inputs import PlaceAt, Report
from services.cases.case.model.lead_unit import UnitRef, require_handling_units
from services.cases.case.sealed_text import seal
from services.cases.directory.categories import category_of, priority_of
from services.cases.directory.limit_versions import limits_now
from services.cases.directory.lookups import require_place, unit_of
from services.cases.directory.outlines import place_without
from services.cases.directory.spoken import Spoken
from services.cases.numbering.allocation import Numbering
from vocabulary.access import require_role
from vocabulary.rights import Resource, may
from vocabulary.roles import Permission

_AT_ONCE = 64
#: Columns of a row by the fields that the lookups call otherwise.
_COLUMNS = {"place.path": "path"}


class _RowLookups:
    """Cached lookups for the rows of one page. `stored`: the cases that exist already, by key."""

    def __init__(self, data: TenantData, stored: Mapping[str, Case]) -> None:
        self.stored, self.words = stored, Spoken(data)
        self.place = cache(lambda path: require_place(data, path))
        self.limits = cache(lambda path: limits_now(data, path))
        self.category = cache(lambda code: category_of(data, code))
        self.place_without = partial(place_without, data)
        self.unit = cache(lambda unit: unit_of(data, unit))


class _RowFaults:
    """Collects what is wrong with a row, by its columns, so that one answer names it all."""

    def __init__(self) -> None:
        self.found: list[Fault] = []

    @contextmanager
    def collected(self) -> Iterator[None]:
        try:
            yield
        except Invalid as invalid:
            self.found += [(_COLUMNS.get(field, field), en, zh) for field, en, zh in invalid.faults]


class ImportedOtherwise(Refused):
    """`number`: of the case that was imported, or its id if it has none."""

    code = "case.imported_otherwise"
    en = "The number in this row is imported already, as case {number}, with other content. An import changes no case."
    zh = "本行编号已导入为工单 {number}，但内容不同。导入不修改已有案件。"


class OutOfArea(Forbidden):
    """`area`: the importer's area."""

    code = "case.import_out_of_area"
    en = "The place is outside your area {area:place}. Ask the centre there or an operator."
    zh = "该地点不在您的辖区{area:place}内，请由当地网格中心或运维人员导入。"


class BulkImport(CaseCommands, Numbering):
    @command
    def import_cases(self, call: Call, form: Import) -> Answer:
        """Returns `Imported`. Raises `Unavailable` before any write if a row's replicas are missing; send it again."""
        require_role(call.principal, Permission.IMPORT_CASES)
        data = self.data.of(call)
        lookups = _RowLookups(data, _stored(data, [_key_of(call, form.source, row) for row in form.rows]))
        parsed = [self._read_row(call, lookups, form.source, row) for row in form.rows]
        for missing in parsed:
            if isinstance(missing, Unavailable):
                raise missing  # only now, so that every missing replica has been requested before the retry
        cases = [(row.line, case) for row, case in zip(form.rows, parsed, strict=True) if isinstance(case, Case)]
        outcomes = list(self._add(data, cases, lookups.stored))
        rejected = [each for each in (*parsed, *outcomes) if isinstance(each, dict)]
        imported = [each for each in outcomes if isinstance(each, ImportedCase)]
        made = sum(each.made for each in imported)
        return {"made": made, "known": len(imported) - made, "cases": imported, "rejected": rejected}

    def _add(
        self, data: TenantData, cases: list[tuple[int, Case]], stored: Mapping[str, Case]
    ) -> Iterator[ImportedCase | Answer]:
        """Adds the first case of each key that is not stored, and compares the rest with what is under theirs."""
        firsts = {case.key: case for _, case in reversed(cases) if case.key not in stored}
        # Concurrent adds share batched commits and publishes.
        added = GreenPool(_AT_ONCE).imap(data.add, firsts.values())
        made = {key for key, is_new in zip(firsts, added, strict=True) if is_new}
        present = {**stored, **{key: firsts[key] for key in made}}
        present |= _stored(data, firsts.keys() - made)  # by another request in the meantime
        for line, case in cases:
            if (known := present.get(case.key)) is None:
                raise Unavailable(retry_after=1)  # neither added nor there: only another attempt can tell
            if known.import_digest in ("", case.import_digest):
                yield ImportedCase(line=line, id=case.key, number=known.number, made=known is case)
            else:
                yield {"line": line, "reason": ImportedOtherwise(number=known.number or case.key).in_short()}

    def _read_row(self, call: Call, lookups: _RowLookups, source: str, row: ImportedRow) -> Case | Answer | Unavailable:
        """Returns the case, or `{line, reason}` of a rejected row, or `Unavailable` if a replica may be on its way."""
        try:
            return self._case_of_row(call, lookups, source, row)
        except Unavailable as missing:
            return missing
        except Problem as problem:
            return {"line": row.line, "reason": problem.in_short(lookups.words)}

    def _case_of_row(self, call: Call, lookups: _RowLookups, source: str, row: ImportedRow) -> Case:
        by = call.principal
        if not may(by, Permission.IMPORT_CASES, Resource(area=row.path)):
            raise OutOfArea(area=by.area)
        faults = _RowFaults()
        category: Mapping[str, Any] = {}
        lead: UnitRef | None = None
        with faults.collected():
            lookups.place(row.path)
        with faults.collected():
            require_both(row.lon, row.lat)
            if place := lookups.place_without(row.path, row.lon, row.lat):
                raise Invalid(_outside(place))
        with faults.collected():
            category = lookups.category(row.category)
        with faults.collected():
            lead = lookups.unit(row.lead) if row.lead else None
        faults.found += import_faults(row.state, bool(row.lead), row.reported_at, row.closed_at, call.now)
        if faults.found:
            raise Invalid(*faults.found)
        if lead:
            require_handling_units(lead)
        return self._case(call, lookups, source, row, category, lead)

    def _case(
        self,
        call: Call,
        lookups: _RowLookups,
        source: str,
        row: ImportedRow,
        category: Mapping[str, Any],
        lead: UnitRef | None,
    ) -> Case:
        key = _key_of(call, source, row)
        limits, version = lookups.limits(row.path)
        sealer = self._sealer(call)
        report = Report(
            number="" if key in lookups.stored else self._number(call),
            category=row.category,
            place=PlaceAt(
                path=row.path,
                lon=row.lon,
                lat=row.lat,
                cell=cell_at(row.lon, row.lat),
                address=seal(sealer, "address", row.address),
            ),
            text=seal(sealer, "text", row.text),
            priority=priority_of(category),
            limits_version=version,
        )
        name = f"{source}:{row.number}"
        digest = sealer.blind(digest_of(row), "import")
        return Case.imported(
            call.principal, key, report, row.state, name, limits, call.now, lead, row.reported_at, row.closed_at, digest
        )


def _key_of(call: Call, source: str, row: ImportedRow) -> str:
    return derived(call.tenant, source, row.number)


def _stored(data: TenantData, keys: Iterable[str]) -> dict[str, Case]:
    """Returns those of the cases that exist, by key."""

    def read(key: str) -> Case | None:
        try:
            return data.get(Case, key)
        except NotFound:
            return None

    # Concurrent reads share one query.
    return {case.key: case for case in GreenPool(_AT_ONCE).imap(read, keys) if case is not None}


def digest_of(row: ImportedRow) -> str:
    """Returns a digest of what the row says, wherever it stands in its file.

    A field at its default says nothing, so a new optional field changes no stored digest.
    """
    defaults = _defaults_of(type(row))
    said = {name: value for name, value in msgspec.structs.asdict(row).items() if value != defaults[name]}
    del said["line"]
    return hashlib.sha256(msgspec.json.encode(said, order="sorted")).hexdigest()


@cache
def _defaults_of(rows: type[ImportedRow]) -> dict[str, Any]:
    return {
        field.name: field.default if field.default_factory is msgspec.NODEFAULT else field.default_factory()
        for field in msgspec.structs.fields(rows)
    }


def _outside(place: str) -> Fault:
    return spoken_fault(
        "lon",
        "the point lies outside {place:place}; give the longitude as `lon`, or the place where it lies",
        "该点位不在{place:place}范围内，请检查经度 lon 与纬度 lat 是否颠倒，或改填点位所在区域",
        place=place,
    )
