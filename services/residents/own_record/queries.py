"""Queries of people about their own record: to see it, and to take a copy away."""

from __future__ import annotations

from chassis.context import Call
from chassis.entrypoints.rpc_server import query
from chassis.persistence.tenant_data import ALL, TenantData
from chassis.security.masking import mask
from chassis.types import Answer, Complete, File, Id
from chassis.usecases.records import to_answer
from services.residents.categories.model.category import CategoryEntry
from services.residents.categories.queries import CategoryQueries
from services.residents.dictionary.lookups import fields_in
from services.residents.dictionary.values import of_text
from services.residents.directory.spoken import Spoken
from services.residents.dwellings.model import Dwelling
from services.residents.households.model import Household
from services.residents.joins.lookups import joined_to
from services.residents.needs.queries import NeedQueries
from services.residents.own_record.access import Own, OwnRecords
from services.residents.own_record.contents import (
    categories_of,
    is_about_nobody_else,
    needs_of,
    requests_of,
    visits_of,
)
from services.residents.own_record.page import page_of
from services.residents.own_record.words import words_of
from services.residents.people.merges import records_of, who_stays
from services.residents.people.model import LIVING_HERE, Resident
from services.residents.representatives.lookups import acting_for, representatives_of
from services.residents.representatives.model import IN_FORCE, Representative
from services.residents.rights_requests.shown import ShownRightsRequests
from services.residents.values.lookups import stored_values
from services.residents.values.model import NO_VALUE, HeldValue
from services.residents.visits.model import Visit
from services.residents.visits.queries import VisitQueries
from vocabulary.access import require_role
from vocabulary.roles import Permission

_ENTRY = (
    "resident", "area", "kind", "aim", "legal_basis", "source", "valid_from", "valid_until", "review_at", "state",
)  # fmt: skip


class OwnRecordQueries(OwnRecords, NeedQueries, VisitQueries, CategoryQueries, ShownRightsRequests):
    @query
    def list_own_records(self, call: Call) -> Complete[Answer]:
        """The caller's own record, and those of whom they represent now."""
        require_role(call.principal, Permission.EXERCISE_RIGHTS)
        data = self.data.of(call)
        found = _records_of_caller(data, call.principal.subject)
        names = self._open_all(call, {key: {"resident.name": each.name} for key, (each, _) in found.items()})
        return Complete(
            items=[
                to_answer(each) | {
                    "name": mask("name", names[key]["name"]), "standing": "representative" if acting else "self",
                    "until": acting.until if acting else None,
                }
                for key, (each, acting) in found.items()
            ]
        )  # fmt: skip

    @query
    def open_own_record(self, call: Call, resident: Id) -> Answer:
        """All that is held about the person and may be shown."""
        own = self._own(call, resident)
        self._note_own(call, "opened", own)
        return self._opened_record(call, own)

    @query
    def copy_own_record(self, call: Call, resident: Id) -> Answer:
        """The same as a copy for another system."""
        own = self._own(call, resident)
        self._note_own(call, "copied", own)
        return {"made_at": call.now, "record": self._opened_record(call, own)}

    @query
    def print_own_record(self, call: Call, resident: Id) -> File:
        """The same as a page to read and print, which needs nothing else."""
        own = self._own(call, resident)
        self._note_own(call, "printed", own)
        page = page_of(self._opened_record(call, own), words_of(self.data.of(call)), call.now)
        return File(name="个人信息副本.html", mime="text/html", content=page.encode())

    def _opened_record(self, call: Call, own: Own) -> Answer:
        """`_note_own` has audited it."""
        data = self.data.of(call)
        records = [data.get(Resident, key) for key in records_of(data, own.resident.key)]
        keys = [each.key for each in records]
        return to_answer(own.resident) | {
            "standing": "representative" if own.representative else "self",
            "represented_by": self._name_of(call, own.representative) if own.representative else "",
            "records": [self._opened_resident(call, each) | {"history": self._history(call, each)} for each in records],
            "home": self._home(call, own.resident),
            "needs": [self._opened_need(call, each) for each in needs_of(data, keys)],
            "categories": [self._opened_category(call, each) for each in categories_of(data, keys)],
            "values": self._values(call, keys),
            "visits": [self._own_visit(call, each, records) for each in visits_of(data, records)],
            "join": {"joined_at": own.join.joined_at, "proof": own.join.proof} if own.join else None,
            "representatives": [
                self._representative(call, each, own) for each in representatives_of(data, own.resident)
            ],
            "requests": [self._opened_request(call, each) for each in requests_of(data, keys)],
        }

    def _home(self, call: Call, resident: Resident) -> Answer | None:
        if resident.state != LIVING_HERE:
            return None
        data = self.data.of(call)
        household = data.get(Household, resident.household)
        door = data.get(Dwelling, resident.dwelling).door
        return {name: getattr(resident, name) for name in ("household", "dwelling", "area", "relation")} | {
            "place": Spoken(data).name("place", resident.area, "zh-CN"),
            "address": self._opened(call, door, "dwelling.door"), "is_head": household.head == resident.key,
        }  # fmt: skip

    def _opened_category(self, call: Call, entry: CategoryEntry) -> Answer:
        return to_answer(entry, *_ENTRY) | self._opened_of(call, entry, "category", ("name", "note", "why"))

    def _values(self, call: Call, keys: list[str]) -> list[Answer]:
        data = self.data.of(call)
        held = [
            (value, value in each.held) for each in stored_values(data, "resident", keys)
            for value in (*each.held, *each.earlier) if value.text != NO_VALUE
        ]  # fmt: skip
        fields = fields_in(data, sorted({value.field for value, _ in held}))
        names = {code: {"zh": field.zh, "en": field.en} for code, field in fields.items()}
        return [
            {
                "field": value.field, "value": self._value(call, value), "given_at": value.given_at,
                "holds_until": value.holds_until, "form": value.form, "current": current,
            } | names.get(value.field, {"zh": value.field, "en": value.field})
            for value, current in held
        ]  # fmt: skip

    def _value(self, call: Call, value: HeldValue) -> object:
        text = self._opened(call, value.text, f"values.{value.field}") if value.sealed else value.text
        return of_text(text)

    def _own_visit(self, call: Call, visit: Visit, records: list[Resident]) -> Answer:
        shown = is_about_nobody_else(visit, records)
        findings = self._opened(call, visit.findings, "visit.findings") if shown else ""
        return to_answer(visit, "household", "kind", "state", "done_at") | {"due": visit.day, "findings": findings}

    def _representative(self, call: Call, each: Representative, own: Own) -> Answer:
        acting = each.acts_for(own.resident, call.now)
        return to_answer(each, "proof", "until") | {"name": self._name_of(call, each), "acting": acting}

    def _name_of(self, call: Call, representative: Representative) -> str:
        return self._opened(call, representative.name, "representative.name")


def _records_of_caller(data: TenantData, subject: str) -> dict[str, tuple[Resident, Representative | None]]:
    found: dict[str, tuple[Resident, Representative | None]] = {}
    for each in data.find(Representative, {"subject": subject, "state": IN_FORCE}, [("_id", 1)], ALL):
        resident = who_stays(data, each.resident)
        if acting := acting_for(data, resident, subject):
            found[resident.key] = resident, acting
    own = joined_to(data, subject)
    return found | ({own.key: (own, None)} if own else {})
