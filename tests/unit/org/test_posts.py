from __future__ import annotations

import pytest

from chassis.errors import Invalid
from services.org.posts.model.post import KINDS, MICRO_GRID_THREE, PostClosed
from services.org.posts.model.unit import Unit, UnitClosed
from tests.unit.org.people_samples import CITY, COMMUNITY, COUNTY, GRID, MICRO, STREET, post, unit
from vocabulary.roles import DUTIES


def fields(refusal: pytest.ExceptionInfo[Invalid]) -> list[str]:
    return [fault["field"] for fault in refusal.value.data["fields"]]


@pytest.mark.domain("热心人, 楼栋长, 微网格")
@pytest.mark.parametrize(("kind", "area"), [("helper", COMMUNITY), ("building_leader", GRID), ("helper", MICRO)])
def test_helpers_and_building_leaders_report_without_seeing_their_neighbours(kind: str, area: str) -> None:
    assert post(kind, area).roles == ("resident",)
    assert DUTIES["resident"].purposes == frozenset()


@pytest.mark.domain("党小组+网格员+单元长")
def test_a_micro_grid_has_a_post_for_party_group_grid_worker_and_stairwell() -> None:
    opened = [post(kind, MICRO) for kind in MICRO_GRID_THREE]
    assert [KINDS[one.kind].zh for one in opened] == ["党小组长", "网格员", "单元长"]


@pytest.mark.domain("党小组+网格员+单元长")
@pytest.mark.parametrize("kind", ["party_group_leader", "stairwell_leader"])
def test_posts_of_a_micro_grid_cannot_be_at_a_street(kind: str) -> None:
    with pytest.raises(Invalid) as refusal:
        post(kind, STREET, keeper="150302011")
    assert fields(refusal) == ["area"]


@pytest.mark.domain("公安、执法、市监下沉网格")
@pytest.mark.parametrize("slug", ["public-security", "enforcement", "market-regulation"])
def test_an_officer_posted_to_a_grid_still_acts_for_their_department(slug: str) -> None:
    officer = post("posted_officer", GRID, by=unit(slug))
    assert (officer.unit, officer.area, officer.roles) == (slug, GRID, ("department",))


@pytest.mark.domain("公安、执法、市监下沉网格")
def test_a_department_posts_officers_only_where_it_serves() -> None:
    with pytest.raises(Invalid) as refusal:
        post("posted_officer", GRID, by=unit(path="/1503/150303/"))
    assert fields(refusal) == ["unit"]


def test_an_officer_needs_a_department() -> None:
    with pytest.raises(Invalid) as refusal:
        post("department_officer", COUNTY)
    assert fields(refusal) == ["unit"]


def test_a_post_of_a_division_is_kept_by_one_that_its_area_lies_in() -> None:
    with pytest.raises(Invalid) as refusal:
        post("grid_worker", GRID, keeper="150303001001")
    assert fields(refusal) == ["unit"]


def test_an_unknown_kind_is_refused_with_the_kinds_there_are() -> None:
    with pytest.raises(Invalid, match="invalid") as refusal:
        post("mayor", CITY)
    [reason] = [fault["reason"] for fault in refusal.value.data["fields"]]
    assert reason["en"].startswith("it must be one of grid_worker, grid_leader")
    assert reason["zh-CN"].startswith("须为 grid_worker、grid_leader")


def test_the_chinese_of_a_refusal_names_kind_and_tiers_in_chinese() -> None:
    with pytest.raises(Invalid) as refusal:
        post("grid_worker", CITY)
    assert refusal.value.in_short()["zh-CN"].startswith("area：网格员岗位须设在网格或微网格，不能设在市")


def test_every_post_kind_has_existing_roles_and_every_role_has_a_post_or_registers_itself() -> None:
    given = {role for kind in KINDS.values() for role in kind.roles}
    assert given | {"courier"} == set(DUTIES)


@pytest.mark.domain("多网合一 (名山)")
def test_a_post_that_moves_to_another_community_is_kept_there_and_an_officer_stays_the_departments() -> None:
    elsewhere = "/1503/150302/150302011/150302011002/150302011002500/"
    worker, officer = post(), post("posted_officer", GRID, by=unit())
    worker.move(elsewhere)
    officer.move(elsewhere)
    assert (worker.unit, officer.unit) == ("150302011002", "urban-management")
    assert worker.within == ["1503", "150302", "150302011", "150302011002", "150302011002500"]


def test_a_closed_unit_takes_no_new_post() -> None:
    closed = unit()
    closed.close()
    with pytest.raises(UnitClosed):
        post("department_officer", COUNTY, by=closed)


def test_a_closed_post_takes_no_change() -> None:
    closed = post()
    closed.close()
    with pytest.raises(PostClosed):
        closed.revise(title="x", duties=[])


@pytest.mark.parametrize("slug", ["150302", "Upper", "a", "x" * 60, "a b"])
def test_a_unit_id_is_a_slug_that_differs_from_every_division_code(slug: str) -> None:
    with pytest.raises(Invalid):
        Unit.open("wuhai", slug, name="x", kind="department", path=CITY)


def test_opening_revising_and_closing_publish_the_whole_state() -> None:
    one = post()
    one.revise(title="新名称", duties=["巡查"])
    one.close()
    assert [event.active for event in one.pending] == [True, True, False]  # type: ignore[attr-defined]
    assert one.pending[-1] == one.state_event()
