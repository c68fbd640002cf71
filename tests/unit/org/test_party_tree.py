from __future__ import annotations

import msgspec
import pytest

from chassis.errors import Invalid
from services.org.api.party import OrganisationPlan
from services.org.party.model import KINDS, HasChildren, PartyOrganisation, Place
from tests.unit.org.places import TENANT, base_grid, community, county, street

SECOND_TREE = "街道党工委—社区党委—网格党支部—楼栋党小组"

PLACES = {
    "working_committee": Place(tier="street", path=street().path),
    "committee": Place(tier="community", path=community().path),
    "branch": Place(tier="grid", path=base_grid().path),
    "group": Place(tier="building", path=base_grid().path, building="B1"),
    "social_work_department": Place(tier="county", path=county().path),
    "social_work_station": Place(tier="street", path=street().path),
    "social_work_room": Place(tier="community", path=community().path),
}


def open_at(kind: str, place: Place, parent: PartyOrganisation | None) -> PartyOrganisation:
    plan = OrganisationPlan(kind=kind, name=f"新海{kind}", place="x", parent=parent.key if parent else "")
    return PartyOrganisation.open(TENANT, f"{kind}-1", plan, place, parent)


def organisation(kind: str) -> PartyOrganisation:
    above = KINDS[kind].parent_kind
    return open_at(kind, PLACES[kind], organisation(above) if above else None)


@pytest.mark.domain(SECOND_TREE)
def test_the_four_tiers_match_street_community_grid_and_building() -> None:
    group = organisation("group")
    assert (group.parent, group.path, group.building) == ("branch-1", base_grid().path, "B1")
    line = [kind for kind in KINDS if not kind.startswith("social")]
    assert [KINDS[kind].zh for kind in line] == ["街道党工委", "社区党委", "网格党支部", "楼栋党小组"]
    assert [KINDS[kind].parent_kind for kind in line[1:]] == line[:-1]


@pytest.mark.domain("五社联动, 社工部/站/室")
def test_social_work_units_are_at_county_street_and_community() -> None:
    assert organisation("social_work_room").parent == "social_work_station-1"
    assert [KINDS[f"social_work_{level}"].zh for level in ("department", "station", "room")] == [
        "社会工作部",
        "社工站",
        "社工室",
    ]


@pytest.mark.domain(SECOND_TREE)
@pytest.mark.parametrize("kind", KINDS)
def test_an_organisation_is_at_the_tier_of_its_kind(kind: str) -> None:
    above = KINDS[kind].parent_kind
    wrong = Place(tier="city", path=PLACES[kind].path)
    with pytest.raises(Invalid) as refusal:
        open_at(kind, wrong, organisation(above) if above else None)
    assert [field["field"] for field in refusal.value.data["fields"]] == ["place"]


@pytest.mark.domain(SECOND_TREE)
@pytest.mark.parametrize("kind", KINDS)
def test_an_organisation_belongs_to_one_of_the_tier_above(kind: str) -> None:
    wrong = organisation(
        "working_committee" if KINDS[kind].parent_kind != "working_committee" else "social_work_department"
    )
    with pytest.raises(Invalid) as refusal:
        open_at(kind, PLACES[kind], wrong)
    assert "parent" in [field["field"] for field in refusal.value.data["fields"]]


@pytest.mark.domain(SECOND_TREE)
def test_its_place_lies_in_its_parents_place() -> None:
    elsewhere = Place(tier="community", path="/1503/150302/150302004/150302004001/")
    with pytest.raises(Invalid):
        open_at("committee", elsewhere, organisation("working_committee"))


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(Invalid):
        open_at("cell", PLACES["branch"], None)


def test_membership_is_never_published() -> None:
    published = set(msgspec.to_builtins(organisation("group").state_event()))
    assert published == {"id", "kind", "name", "parent", "path", "building", "active"}


def test_an_organisation_with_others_below_it_is_not_closed() -> None:
    branch = organisation("branch")
    with pytest.raises(HasChildren):
        branch.close(open_children=1)
    branch.close(open_children=0)
    assert not branch.pending[-1].active
    with pytest.raises(Invalid):
        open_at("group", PLACES["group"], branch)


def test_after_a_grid_merge_a_branch_is_in_the_new_grid() -> None:
    branch = organisation("branch")
    branch.follow(base_grid().path, community().path + "150302003014009/")
    assert branch.pending[-1].path == community().path + "150302003014009/"
