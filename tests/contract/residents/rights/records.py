"""Records of residents, the same in a grid where some callers work and in one far from it, in every state."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from zoneinfo import ZoneInfo

from mongoengine import Document

from chassis.security.principal import Principal, codes_of, path_of
from services.residents.api.reports import NewReport, ReportColumn
from services.residents.api.tables import MappedColumn, NewMapping
from services.residents.categories.model.category import CategoryEntry
from services.residents.dictionary.model import Field
from services.residents.directory.replicas import PlaceReplica, TenantSettings
from services.residents.joins.model import Join, SignIn
from services.residents.managed.model import ManagedEntry
from services.residents.needs.model import Facts, Need
from services.residents.people.model import Resident
from services.residents.reports.model import Report, ReportFile
from services.residents.representatives.model import Representative
from services.residents.rights_requests.model import RightsRequest, Wanted
from services.residents.submissions.model import Submission
from services.residents.tables.model import ColumnMapping, TableImport
from services.residents.tasks.model import FormTask, GivenForm
from services.residents.visits.model import Home, Visit
from services.residents.visits.rhythm import Day
from tests.contract.cases.rights.world import HERE, THERE
from tests.contract.dry import SEALER
from tests.unit.residents import samples as s
from tests.unit.residents.alerts import raised_alert
from tests.unit.residents.entries import GIVEN, term
from tests.unit.residents.one_table import ADMIN, definition, published, submission, template
from tests.unit.residents.reports import ZONE
from vocabulary.tiers import tier_of

FAR = "-FAR"
#: The sign-in of whoever is related to a record as its own.
OWNER = "me"
STATUTE = {"managed_residents": True, "managed_residents_statute": "社区矫正法"}


@cache
def records() -> list[Document]:
    paths = {path_of(*codes_of(place)[:length]) for place in (HERE, THERE) for length in range(1, 6)}
    places = (
        PlaceReplica(id=f"{s.TENANT}:{codes_of(path)[-1]}", tenant=s.TENANT, path=path, tier=tier_of(path))
        for path in paths
    )
    settings = TenantSettings(id=f"{s.TENANT}:{s.TENANT}", tenant=s.TENANT, path="/1503/", features=STATUTE)
    return [*_at(HERE), *_at(THERE, FAR), *_forms(), *places, settings]


def _at(place: str, ending: str = "") -> Iterator[Document]:
    """H1 lives in D1; EMPTY has no household, H2 no members. Other words say what has become of a record."""
    by = s.person("s-1", "street", path_of(*codes_of(place)[:3]))
    home, empty, gone = (s.dwelling(f"{key}{ending}", place, by) for key in ("D1", "EMPTY", "GONE"))
    gone.remove(by, 0)
    family, alone, over = (s.household(f"{key}{ending}", home, by) for key in ("H1", "H2", "DISSOLVED"))
    over.dissolve(by, 0)
    yield from (home, empty, gone, family, alone, over)
    one, *others = people = [s.resident(f"{key}{ending}", family, by=by) for key in ("R1", "R2", "MERGED", "GONE")]
    for each in people[:2]:
        each.tokens = [*each.tokens, SEALER.blind("王小明", "name")]
    others[1].merge_into(by, others[0], s.NOW, "")
    others[2].move_out(by, s.NOW, "", "")
    yield from people
    yield from _care(one, Home(family, home), ending)
    yield from _entries(one, ending)
    yield from _rights(people, ending)
    yield raised_alert(f"A1{ending}", place)
    given = GivenForm.give(by, f"G1{ending}", published("F1"), place, s.NOW + timedelta(days=9), s.NOW)
    made = FormTask.of(given, place).to_mongo().to_dict()
    open_, done = (
        FormTask._from_son(made | {"_id": FormTask.identity(s.TENANT, f"{key}{ending}")}) for key in ("T1", "DONE")
    )
    open_.note_answer(1, 1)
    done.finish(by)
    yield from (open_, done)
    yield from _reports(by, place, ending)
    yield TableImport.receive(by, f"B1{ending}", "C1", place, 1, s.NOW)
    values = SEALER.seal('{"housing":"own"}', "residents.submission.values")
    sent = submission("S1", open_, f"R1{ending}").to_mongo().to_dict()
    for key, state in (("S1", "CONTESTED"), ("WRITTEN", "APPLIED")):
        facts = {"_id": Submission.identity(s.TENANT, f"{key}{ending}"), "values": values, "state": state}
        yield Submission._from_son(sent | facts)


def _reports(by: Principal, place: str, ending: str) -> Iterator[Document]:
    """P1 is made, and P2 asked for; OVER was retired."""
    housing = {"housing": Field.define(ADMIN, "housing", definition(about="resident"))}
    columns = (ReportColumn(field="housing"),)
    form = NewReport(title="t", area=place, tier="micro_grid", columns=columns)
    used, over = (Report.define(by, f"{key}{ending}", form, housing, s.NOW, ZONE) for key in ("P1", "OVER"))
    made, asked = (ReportFile.ask(f"{key}{ending}", used, s.NOW) for key in ("P1", "P2"))
    made.finish(s.NOW, s.NOW + timedelta(days=9))
    over.retire(by)
    yield from (used, over, made, asked)


def _care(resident: Resident, home: Home, ending: str) -> Iterator[Document]:
    by = s.person("s-1", "street", path_of(*codes_of(resident.area)[:3]))
    facts = Facts("company", 1, s.NOW.date())
    needs = [Need.record(by, f"{key}{ending}", resident, facts, (), s.NOW) for key in ("N1", "MET", "ENDED")]
    needs[1].meet(by, "")
    needs[2].end(by, "")
    day = Day.of(s.NOW.date(), ZoneInfo("Asia/Shanghai"))
    planned, done = (Visit.in_turn(f"{key}{ending}", home, day, s.NOW) for key in ("V1", "DONE"))
    done.finish(by, "", "", s.NOW)
    yield from (*needs, planned, done)


def _entries(resident: Resident, ending: str) -> Iterator[Document]:
    by = s.person("s-1", "street", path_of(*codes_of(resident.area)[:3]))
    proposer = s.person("c-1", "community", resident.area)
    kept, ended = (
        CategoryEntry.record(by, f"{key}{ending}", resident, "service", GIVEN, None, term(), s.NOW)
        for key in ("E1", "ENDED")
    )
    ended.end(by, "")
    proposed, in_force, refused = (
        ManagedEntry.propose(proposer, f"{key}{ending}", resident, GIVEN, "s", term(), s.NOW)
        for key in ("M1", "IN-FORCE", "REFUSED")
    )
    for subject in ("s-1", "s-2"):
        in_force.approve(s.person(subject, "street", by.area), s.NOW)
    refused.refuse(by, "")
    yield from (kept, ended, proposed, in_force, refused)


def _rights(people: list[Resident], ending: str) -> Iterator[Document]:
    """R1 is joined to `OWNER`, who asked for a correction; a code is out for R2."""
    one, two, *_ = people
    join, offered = Join.blank(one), Join.blank(two)
    owner = OWNER + ending
    join.make(owner, "passport", "k-1", one.area, s.NOW)
    offered.issue_code(s.person("g-9", "grid_worker", two.area), SEALER.blind(f"C0DE{ending}", "join"), two.area, s.NOW)
    yield from (join, offered, SignIn(id=SignIn.identity(s.TENANT, owner), tenant=s.TENANT, resident=one.key))
    until, counter = s.NOW + timedelta(days=9), s.person("k-9", "counter", one.area)
    yield Representative.register(counter, f"P1{ending}", one, "r-2", "sealed", "kinship", until, s.NOW)
    by, wanted = s.person(owner, "resident", ""), Wanted("phone", "13900000001", "")
    yield RightsRequest.correction(by, f"Q1{ending}", one, "", wanted, until, s.NOW)


def _forms() -> Iterator[Document]:
    """Everybody in the tenant sees these."""
    used, retired = (Field.define(ADMIN, code, definition(about="resident")) for code in ("housing", "retired"))
    retired.retire(ADMIN)
    draft, form, free, old = template(key="DRAFT"), published("F1"), published("FREE"), published("RETIRED")
    old.retire(s.STREET_STAFF)
    for each in (draft, form, free, old):
        each.about, each.questions = "resident", each.questions[:1]
        each.questions[0].required = False
    yield from (used, retired, draft, form, free, old)
    columns = (MappedColumn(header="住房", field="housing"),)
    mapping = NewMapping(title="t", about="resident", key_header="编号", columns=columns)
    mapped, over = (ColumnMapping.map(s.STREET_STAFF, key, mapping, {"housing": used}) for key in ("C1", "OVER"))
    over.retire(s.STREET_STAFF)
    yield from (mapped, over)


def keys_of(model: type[Document]) -> list[str]:
    """Returns the keys of those that do not lie far away."""
    return [each.key for each in records() if isinstance(each, model) and not each.key.endswith(FAR)]
