"""What each caller is answered, and what they should be by the table of rights."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from msgspec.structs import replace

from chassis.blobs.store import Blob
from chassis.errors import Invalid, NotFound, Problem
from chassis.security.principal import Principal
from services.residents.service import Residents
from tests.contract.cases.hidden.kept import KeptData
from tests.contract.cases.rights.world import World, has
from tests.contract.dry import Records, ask, service_with
from tests.contract.residents.rights import requests as r
from tests.contract.residents.rights.records import OWNER, records
from vocabulary.access import NotYourArea, WrongRole
from vocabulary.rights import Relation
from vocabulary.roles import purposes_of

PASSED, UNSEEN, ROLE, RELATION = "passed", "unseen", "wrong role", "wrong relation"


def residents(documents: list[Any] | None = None) -> Residents:
    found: Records = {(type(each), each.key): each for each in documents or records()}
    blobs = SimpleNamespace(get=lambda key: Blob(b"", ""), put=lambda key, blob: None)
    data = SimpleNamespace(of=lambda context: KeptData(found, context, [], True))
    return service_with(Residents, (), data=data, blobs=blobs)


def caller(world: World) -> Principal:
    subject = OWNER if Relation.OWN in world.relations else "somebody"
    return replace(world.caller, subject=subject, purposes=purposes_of([world.role]))


def told(by: Principal, method: str, args: r.Args, if_match: int | None = None) -> Any:
    try:
        return ask(residents(), method, by, args, if_match)
    except Problem as problem:
        return problem


def outcome(answer: Any, method: str) -> str:
    if isinstance(answer, NotFound):
        return UNSEEN
    if isinstance(answer, Invalid) and r.KIND_OF[method] == "inside" and answer.faults[0][0] == r.DECIDES[method]:
        return UNSEEN
    if isinstance(answer, WrongRole):
        return ROLE
    # An import answers for each row.
    rejected = method == "import_residents" and isinstance(answer, dict) and answer["rejected"]
    return RELATION if rejected or isinstance(answer, NotYourArea) else PASSED


def expected(world: World, method: str) -> str:
    kind, lists = r.KINDS[r.KIND_OF[method]], r.KIND_OF[method].endswith(("listing", "finding"))
    if kind.sight and not has(world, kind.sight, in_any=lists):
        return UNSEEN
    if not has(world, *r.NEEDS[method], in_any=True):
        return ROLE
    # The rows of a list are what the caller may read.
    return PASSED if lists or has(world, *r.NEEDS[method]) else RELATION
