"""Queries of residents: masked by default; opening asks for a purpose and is audited with the reason."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from chassis.context import Call
from chassis.entrypoints.rpc_server import query
from chassis.errors import Forbidden
from chassis.persistence.tenant_data import TenantData
from chassis.security.masking import mask
from chassis.security.principal import Principal
from chassis.types import Answer, Id, Listed
from chassis.usecases.pages import in_key_order
from chassis.usecases.records import get, to_answer
from services.residents.api import people as api
from services.residents.directory.replicas import today
from services.residents.people.model import MERGED, Resident
from services.residents.people.profile import name_and_birthday, token_of
from services.residents.placed import code_within, in_area, inside
from services.residents.records import ResidentsUseCases
from vocabulary.access import require_in_area
from vocabulary.roles import Permission, Purpose

_LISTED = ("area", "household", "dwelling", "relation", "state", "sex", "born_year", "needs", "colour")
_OPENED = ("name", "identity_number", "phone", "birthday", "died_on")
#: Namesakes of one birthday that are shown: nobody compares more.
_MOST_PAIRED = 50


class WrongPurpose(Forbidden):
    """`purpose`: not one that the caller's role has."""

    code = "wrong_purpose"
    en = "Your role has no such purpose: {purpose}. It has: {purposes}."
    zh = "您的角色不能以“{purpose}”为用途查看个人信息；可用的用途：{purposes}。"
    chinese = {"purpose": Purpose.zh_names(), "purposes": Purpose.zh_names()}
    english = {"purpose": Purpose.en_names(), "purposes": Purpose.en_names()}


class PeopleQueries(ResidentsUseCases):
    @query
    def get_resident(self, call: Call, resident: Id) -> Answer:
        """The resident, masked; a merged record points to the one that stays."""
        found = get(self.data.of(call), Resident, resident)
        return self._masked(call, [found])[0] | {"merged_into": found.merged_into}

    @query
    def open_resident(self, call: Call, resident: Id, form: api.Reading) -> Answer:
        """Everything that is kept about the resident, for a purpose; the reason stays in the audit log."""
        return self._opened_resident(call, self._readable(call, resident, form))

    @query
    def read_history(self, call: Call, resident: Id, form: api.Reading) -> Answer:
        """Each change of the profile: from what to what, by whom, from which form, why."""
        return {"items": self._history(call, self._readable(call, resident, form))}

    @query
    def list_residents(self, call: Call, form: api.ListResidents) -> Listed[Answer]:
        """Who lives in the area now."""
        data = self.data.of(call)
        where = where_listed(call.principal, form) | _born(form, today(data))
        found, following = in_key_order(data, Resident, where, form)
        return Listed(items=self._masked(call, found), next=following)

    @query
    def search_residents(self, call: Call, form: api.Search) -> Answer:
        """Finds residents of the caller's area by a sealed value."""
        code = code_within(call.principal, "")
        token = token_of(self.keys.of(call.tenant).blind, form.by, form.value, code)
        return {"items": self._masked(call, with_token(self.data.of(call), call.principal, token, form.limit))}

    @query
    def list_duplicates(self, call: Call, resident: Id) -> Answer:
        """Other records that may be of the same person, as far as the caller sees them."""
        data = self.data.of(call)
        found = get(data, Resident, resident)
        require_in_area(call.principal, Permission.MERGE_RESIDENTS, found.area)
        pairs: dict[str, tuple[Resident, str]] = {}
        for same, token in self._pairing_tokens(call, found):
            for other in with_token(data, call.principal, token, _MOST_PAIRED):
                if other.key != found.key:
                    pairs.setdefault(other.key, (other, same))
        rows = self._masked(call, [other for other, _ in pairs.values()])
        return {"items": [row | {"same": same} for row, (_, same) in zip(rows, pairs.values(), strict=True)]}

    def _pairing_tokens(self, call: Call, found: Resident) -> Iterable[tuple[str, str]]:
        sealer = self.keys.of(call.tenant)
        opened = self._opened_of(call, found, "resident", _OPENED)
        if opened["identity_number"]:
            yield "identity_number", sealer.blind(opened["identity_number"], "identity_number")
        if opened["birthday"]:
            yield "name_and_birthday", name_and_birthday(sealer.blind, opened["name"], opened["birthday"])

    def _readable(self, call: Call, resident: str, form: api.Reading) -> Resident:
        """Returns the resident after the audit of its reading. Raises `WrongPurpose`."""
        found = get(self.data.of(call), Resident, resident)
        self._note_opening(call, "resident", [resident], found.area, form)
        return found

    def _opened_resident(self, call: Call, found: Resident) -> Answer:
        """`_note_opening` has audited it."""
        opened = self._opened_of(call, found, "resident", _OPENED)
        days = {name: opened[name] or None for name in ("birthday", "died_on")}
        return to_answer(found, *_LISTED, "merged_into") | opened | days

    def _history(self, call: Call, found: Resident) -> list[Answer]:
        """`_note_opening` has audited it."""
        items = []
        for change in found.history:
            sealed = change.field in _OPENED
            values = {
                side: self._opened(call, getattr(change, side), f"resident.{change.field}")
                if sealed else getattr(change, side) for side in ("was", "became")
            }  # fmt: skip
            why = self._opened(call, change.why, "resident.why")
            items.append(
                {"field": change.field, "at": change.at, "by": change.by, "source": change.source, "why": why} | values
            )
        return items

    def _note_opening(self, call: Call, kind: str, opened: list[str], area: str, form: api.Reading) -> None:
        """Audits that sealed data of these records is opened for a purpose. Raises `WrongPurpose`, `NotYourArea`."""
        require_in_area(call.principal, Permission.OPEN_RESIDENT, area)
        if form.purpose not in call.principal.purposes:
            raise WrongPurpose(purpose=str(form.purpose), purposes=sorted(call.principal.purposes))
        self.audit.record(call.principal, f"residents.{kind}.opened", opened, f"{form.purpose}: {form.reason}")

    def _masked(self, call: Call, residents: list[Resident]) -> list[Answer]:
        """Returns rows with masked names; the reading of all is audited as one."""
        names = self._open_all(call, {each.key: {"resident.name": each.name} for each in residents})
        return [to_answer(each, *_LISTED) | {"name": mask("name", names[each.key]["name"])} for each in residents]


def with_token(data: TenantData, by: Principal, token: str, limit: int) -> list[Resident]:
    """Returns records of the caller's area that have the token, wherever in the tenant others have it too."""
    where = {"tokens": token, "state": {"$ne": MERGED}} | in_area(by, "")
    return data.find(Resident, where, [("_id", 1)], limit)


def where_listed(by: Principal, form: api.ListResidents) -> Answer:
    code = code_within(by, form.area or "")
    marks = [f"/need:{form.need}"] * bool(form.need) + [f"/colour:{form.colour}"] * bool(form.colour)
    wanted = [code + mark for mark in marks] or [code]
    return {"listed": wanted[0] if len(wanted) == 1 else {"$all": wanted}} | inside(form.area or by.area)


def _born(form: api.ListResidents, day: date) -> Answer:
    """Ages by the year of birth alone: lists do not tell birthdays."""
    born: Answer = {}
    if form.age_to is not None:
        born["$gte"] = day.year - form.age_to
    if form.age_from is not None:
        born["$lte"] = day.year - form.age_from
    return {"born_year": born} if born else {}
