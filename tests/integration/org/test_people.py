"""Posts, assignments and the access that they give, through the running service."""

from __future__ import annotations

import base64
from datetime import timedelta

import pytest

from chassis.errors import RemoteProblem
from services.org.posts.model.assignment import MOST_ASSIGNMENTS
from tests.integration.org.city import City
from tests.integration.org.people import (
    COMMUNITY_PATH,
    COUNTY_PATH,
    GRID_PATH,
    STREET_PATH,
    add_user,
    assign,
    open_post,
    signed_in,
    who,
)
from tests.servers.site import Site
from tests.servers.waiting import wait_for
from tests.unit.org.places import COMMUNITY, GRID, STREET

BACKUP = pytest.mark.domain("首问负责, AB岗, 最多跑一次")
IMPORT = """岗位类别,岗位名称,单位,区域,职责
网格员,第一网格,{community},{grid},巡查；走访;登记
市长,不存在,{community},{grid},
网格员,别处,{community},/1503/150399/,
部门人员,城管,urban-management,{county},
,没有类别,{community},{grid},
网格员,{endless},{community},{grid},
"""


@pytest.fixture
def city(city: City) -> City:
    city.open_grid(GRID, COMMUNITY)
    city.ask("open_unit", unit="urban-management", name="城市管理局", kind="department", path=COUNTY_PATH)
    return city


def problem_of(error: pytest.ExceptionInfo[RemoteProblem]) -> str:
    return str(error.value.wire["code"])


@pytest.mark.domain("四定 (定人员/岗位/职责/区域)")
def test_an_assignment_without_a_duty_is_refused_and_one_with_all_four_gives_the_role(city: City) -> None:
    worker, post = add_user(city, "worker"), open_post(city)
    with pytest.raises(RemoteProblem) as refused:
        city.ask("assign", subject=worker, post=post, area=GRID_PATH)
    assert refused.value.wire["data"]["fields"] == [{"field": "duty", "reason": {"en": "missing", "zh-CN": "缺少该项"}}]

    assign(city, worker, post)
    found = who(city, worker)
    assert (found["roles"], found["area"], found["unit"]) == (["grid_worker"], GRID_PATH, COMMUNITY)


def test_a_repeated_assignment_is_one(city: City) -> None:
    worker, post = add_user(city, "worker"), open_post(city)
    assert assign(city, worker, post) == assign(city, worker, post)
    assert len(city.ask("list_assignments", subject=worker)["items"]) == 1


def test_an_assignment_ends_by_itself_at_its_time(city: City, org_site: Site) -> None:
    worker, post = add_user(city, "worker"), open_post(city)
    given = assign(city, worker, post, valid_until=(org_site.now + timedelta(hours=1)).isoformat())
    assert who(city, worker)["roles"] == ["grid_worker"]
    org_site.advance(timedelta(hours=1))
    assert who(city, worker)["roles"] == []
    wait_for(lambda: city.ask("get_assignment", assignment=given["id"])["ended"])
    ended = [event["data"]["ended"] for event in city.events("org.assignment.changed.v1")]
    assert ended == [False, True]


def test_nobody_assigns_themselves_and_only_an_administrator_assigns(city: City) -> None:
    post = open_post(city)
    street = add_user(city, "street")
    for by in (city.someone("street"), signed_in(city, street)):
        terms = {"subject": street, "post": post, "duty": "x", "area": GRID_PATH}
        with pytest.raises(RemoteProblem) as refused:
            city.ask("assign", by=by, **terms)
        assert problem_of(refused) == "org.not_administrator"


def test_an_administrator_of_another_county_does_not_see_the_post(city: City) -> None:
    post = open_post(city)
    with pytest.raises(RemoteProblem) as refused:
        city.ask("close_post", by=city.someone("tenant_admin", area="/1503/150303/"), post=post)
    assert problem_of(refused) == "not_found"


@BACKUP
def test_the_b_post_acts_while_a_is_away_and_no_longer(city: City, org_site: Site) -> None:
    a, b, post = add_user(city, "anna"), add_user(city, "bella"), open_post(city)
    first = assign(city, a, post)
    assign(city, b, post, backup_of=first["id"])
    assert who(city, b)["roles"] == []

    absence = {"start": org_site.now.isoformat(), "end": (org_site.now + timedelta(days=9)).isoformat()}
    city.ask("declare_absence", by=signed_in(city, a), assignment=first["id"], **absence)
    assert (who(city, b)["roles"], who(city, b)["acting_for"]) == (["grid_worker"], first["id"])
    assert [holder["subject"] for holder in city.ask("on_duty", post=post)["holders"]] == [b]

    city.ask("withdraw_absence", by=signed_in(city, a), assignment=first["id"], start=absence["start"])
    assert who(city, b)["roles"] == []
    assert [holder["subject"] for holder in city.ask("on_duty", post=post)["holders"]] == [a]


@BACKUP
def test_nobody_declares_the_absence_of_another(city: City) -> None:
    a, post = add_user(city, "anna"), open_post(city)
    given = assign(city, a, post)
    with pytest.raises(RemoteProblem) as refused:
        city.ask(
            "declare_absence",
            by=city.someone("street", area=STREET_PATH),
            assignment=given["id"],
            start="2026-01-01T00:00:00Z",
            end="2036-01-01T00:00:00Z",
        )
    assert problem_of(refused) == "assignment.not_the_holder"


def test_several_posts_are_several_standings_to_choose_from(city: City) -> None:
    person = add_user(city, "both")
    grid, street = open_post(city), open_post(city, "street_officer", STREET, STREET_PATH)
    assign(city, person, grid)
    assign(city, person, street, STREET_PATH)
    assert who(city, person)["post"] == grid
    assert who(city, person, street)["roles"] == ["street"]
    standings = city.ask("my_standings", by=signed_in(city, person))
    assert [each["post"] for each in standings] == [grid, street]


def test_ended_assignments_do_not_hide_the_current_ones(city: City) -> None:
    person, county_admin = add_user(city, "chief"), city.someone("tenant_admin", area=COUNTY_PATH)
    other = open_post(city, "centre_officer", "150302", COUNTY_PATH)
    terms = {"subject": person, "post": other, "duty": "x", "area": COUNTY_PATH}
    for number in range(MOST_ASSIGNMENTS + 1):
        given = city.ask("assign", by=county_admin, key=f"other {number}", **terms)
        city.ask("end_assignment", by=county_admin, assignment=given["id"])
    own = open_post(city, "tenant_admin", "1503", "/1503/")
    assign(city, person, own, "/1503/")
    assert who(city, person, own)["roles"] == ["tenant_admin"]
    assert [holder["subject"] for holder in city.ask("on_duty", post=own)["holders"]] == [person]


def test_a_person_has_a_bounded_number_of_assignments_that_have_not_ended(city: City) -> None:
    person, post = add_user(city, "busy"), open_post(city)
    terms = {"subject": person, "post": post, "duty": "x", "area": GRID_PATH}
    given = [city.ask("assign", key=f"post {number}", **terms) for number in range(MOST_ASSIGNMENTS)]
    assert len(city.ask("my_standings", by=signed_in(city, person))) == MOST_ASSIGNMENTS
    with pytest.raises(RemoteProblem) as refused:
        city.ask("assign", key="one more", **terms)
    assert problem_of(refused) == "assignment.too_many"
    assert city.ask("assign", key="post 0", **terms) == given[0]
    city.ask("end_assignment", assignment=given[0]["id"])
    city.ask("assign", key="one more", **terms)


def test_an_administrator_puts_no_post_before_those_that_a_person_holds(city: City) -> None:
    person, own = add_user(city, "chief"), open_post(city, "tenant_admin", "1503", "/1503/")
    assign(city, person, own, "/1503/")
    other = open_post(city, "centre_officer", "150302", COUNTY_PATH)
    with pytest.raises(RemoteProblem) as refused:
        assign(city, person, other, COUNTY_PATH, valid_from="2001-01-01T00:00:00Z")
    assert [fault["field"] for fault in refused.value.wire["data"]["fields"]] == ["valid_from"]
    assign(city, person, other, COUNTY_PATH)
    assert who(city, person)["post"] == own


def test_an_ended_assignment_gives_no_access_at_its_post(city: City) -> None:
    person, post = add_user(city, "gone"), open_post(city)
    city.ask("end_assignment", assignment=assign(city, person, post)["id"])
    with pytest.raises(RemoteProblem) as refused:
        who(city, person, post)
    assert problem_of(refused) == "unauthenticated"


@pytest.mark.domain("Roles")
def test_a_preview_shows_what_a_post_would_add_before_the_assignment(city: City) -> None:
    person = add_user(city, "both")
    grid, centre = open_post(city), open_post(city, "centre_officer", "150302", COUNTY_PATH)
    assign(city, person, grid)
    after = {(act["act"], act["area"]) for act in city.ask("preview", subject=person, post=centre)["acts"]}
    before = {(act["act"], act["area"]) for act in city.ask("preview", subject=person)["acts"]}
    assert before < after
    assert ("void", COUNTY_PATH) in after - before


@pytest.mark.domain("公安、执法、市监下沉网格")
def test_an_officer_posted_to_a_grid_acts_for_the_department_there(city: City) -> None:
    officer = add_user(city, "officer")
    assign(city, officer, open_post(city, "posted_officer", "urban-management"))
    found = who(city, officer)
    assert (found["roles"], found["unit"], found["area"]) == (["department"], "urban-management", GRID_PATH)


@pytest.mark.domain("党小组+网格员+单元长")
def test_a_micro_grid_lists_which_of_its_three_posts_nobody_holds(city: City) -> None:
    micro = f"{GRID}001"
    city.open_grid(micro, GRID, level="micro")
    area = f"{GRID_PATH}{micro}/"
    assign(city, add_user(city, "worker"), open_post(city, "grid_worker", COMMUNITY, area), area)
    open_post(city, "stairwell_leader", COMMUNITY, area)
    assert city.ask("micro_grid_posts", grid=micro)["missing"] == ["party_group_leader", "stairwell_leader"]


@pytest.mark.domain("多网合一 (名山)")
def test_posts_and_their_holders_follow_a_merged_grid(city: City) -> None:
    worker, post = add_user(city, "worker"), open_post(city)
    assign(city, worker, post)
    # A community worker whose assignment covers this grid only: the assignment moves, the post does not.
    clerk, desk = add_user(city, "clerk"), open_post(city, "community_worker", COMMUNITY, COMMUNITY_PATH)
    assign(city, clerk, desk)
    new = f"{COMMUNITY}500"
    plan = {
        "name": "多网合一",
        "departments": ["urban-management"],
        "targets": [{"code": new, "name": "新网格", "community": COMMUNITY, "grids": [GRID]}],
    }
    merge = city.ask("plan_grid_merge", area="150302", plan=plan)["id"]
    city.ask("start_grid_merge", merge=merge)
    # The posts move after all assignments.
    wait_for(lambda: city.ask("get_post", post=post)["area"] == f"{COMMUNITY_PATH}{new}/")
    assert who(city, worker)["area"] == f"{COMMUNITY_PATH}{new}/"
    assert [each["id"] for each in city.ask("list_posts", place=new)["items"]] == [post]
    assert who(city, clerk)["area"] == f"{COMMUNITY_PATH}{new}/"
    assert city.ask("get_post", post=desk)["area"] == COMMUNITY_PATH


def test_a_merge_moves_every_assignment_and_post_however_many_have_ended(city: City, org_site: Site) -> None:
    worker, post = add_user(city, "worker"), open_post(city)
    given = assign(city, worker, post)
    kept = org_site.collections("org")
    for name, key in (("assignments", given["id"]), ("posts", post)):
        row = kept[name].find_one({"_id": f"{city.tenant}:{key}"})
        past = {"ended": True} if name == "assignments" else {"active": False}
        kept[name].insert_many([row | past | {"_id": f"{city.tenant}:!{number:03}"} for number in range(501)])
        kept[name].delete_one({"_id": row["_id"]})
        kept[name].insert_one(row)  # after those that ended, in every order
    new = f"{COMMUNITY}500"
    target = {"code": new, "name": "新网格", "community": COMMUNITY, "grids": [GRID]}
    plan = {"name": "多网合一", "departments": [], "targets": [target]}
    city.ask("start_grid_merge", merge=city.ask("plan_grid_merge", area="150302", plan=plan)["id"])
    wait_for(lambda: city.ask("get_post", post=post)["area"] == f"{COMMUNITY_PATH}{new}/", seconds=60)
    assert who(city, worker)["area"] == f"{COMMUNITY_PATH}{new}/"


@pytest.mark.domain("Roles")
@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_posts_are_imported_from_csv_and_invalid_rows_are_reported_with_their_line(city: City, encoding: str) -> None:
    text = IMPORT.format(community=COMMUNITY, grid=GRID_PATH, county=COUNTY_PATH, endless="长" * 81)
    file = base64.b64encode(text.encode(encoding)).decode()
    report = city.ask("import_posts", file=file)
    assert (report["opened"], report["known"]) == (2, 0)
    assert [row["line"] for row in report["rejected"]] == [3, 4, 6, 7]
    english = [row["reason"]["en"] for row in report["rejected"]]
    assert [reason.partition(":")[0] for reason in english] == ["kind", "area", "kind", "title"]
    unknown, nowhere, *rest = [row["reason"]["zh-CN"] for row in report["rejected"]]
    assert unknown.startswith("kind：须为 grid_worker、")
    assert [nowhere, *rest] == ["area：本地没有该区域", "kind：缺少该项", "title：超过 80 个字符"]

    again = city.ask("import_posts", file=file)
    assert (again["opened"], again["known"]) == (0, 2)
    opened = {post["kind"]: post["duties"] for post in city.ask("list_posts", place="150302")["items"]}
    assert opened == {"grid_worker": ["巡查", "走访", "登记"], "department_officer": []}


@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n\x1a\n\x00", b"kind,title\nx,y\n"])
def test_a_file_that_is_no_table_of_posts_is_refused(city: City, content: bytes) -> None:
    with pytest.raises(RemoteProblem) as refused:
        city.ask("import_posts", file=base64.b64encode(content).decode())
    assert problem_of(refused) == "post_import.unreadable"


def test_a_unit_id_is_unique(city: City) -> None:
    unit = {"unit": "urban-management", "name": "另一个", "kind": "department", "path": COUNTY_PATH}
    with pytest.raises(RemoteProblem) as refused:
        city.ask("open_unit", key="another", **unit)
    assert refused.value.wire["status"] == 409


def test_a_name_or_title_of_blanks_alone_is_refused(city: City) -> None:
    with pytest.raises(RemoteProblem) as refused:
        city.ask("rename_unit", unit="urban-management", name=" \u3000")
    blank = {"en": "it must not be blank", "zh-CN": "不得为空白"}
    assert refused.value.wire["data"]["fields"] == [{"field": "name", "reason": blank}]
    plan = {"kind": "grid_worker", "title": "网格员", "unit": COMMUNITY, "area": GRID_PATH, "duties": ["巡查", " "]}
    with pytest.raises(RemoteProblem) as refused:
        city.ask("open_post", **plan)
    assert refused.value.wire["data"]["fields"] == [{"field": "duties.1", "reason": blank}]


def test_lists_are_paged(city: City) -> None:
    for slug in ("a-one", "b-two", "c-three"):
        city.ask("open_unit", unit=slug, name=slug, kind="department", path=COUNTY_PATH)
    first = city.ask("list_units", kind="department", limit=3)
    rest = city.ask("list_units", kind="department", limit=3, after=first["next"])
    ids = [unit["id"] for unit in first["items"] + rest["items"]]
    assert ids == ["a-one", "b-two", "c-three", "urban-management"]
    assert "next" not in rest


def test_the_operator_may_appoint_the_first_administrator_and_nobody_else(city: City) -> None:
    operator = city.someone("operator", area="")
    user = {"login": "first-admin", "password": "plenty of apricots", "name": "李"}
    subject = city.ask("add_user", by=operator, **user)["id"]
    plan = {"kind": "tenant_admin", "title": "管理员", "unit": "1503", "area": "/1503/"}
    post = city.ask("open_post", by=operator, **plan)["id"]
    terms = {"subject": subject, "post": post, "duty": "管理", "area": "/1503/"}
    city.ask("assign", by=operator, **terms)
    assert who(city, subject)["roles"] == ["tenant_admin"]
    with pytest.raises(RemoteProblem):
        city.ask("open_post", by=operator, **{**plan, "kind": "centre_officer"})
