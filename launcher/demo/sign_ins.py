"""Demo sign-ins: one per role in Wuhai, and the staff of the other two cities. All people are invented."""

from __future__ import annotations

from dataclasses import dataclass

from launcher.demo.loading import Loader
from vocabulary.roles import Role

CITY = "/1503/"
COUNTY = f"{CITY}150302/"
STREET = f"{COUNTY}150302003/"
COMMUNITY = f"{STREET}150302003014/"
GRID = f"{COMMUNITY}150302003014001/"
MICRO_GRID = f"{GRID}150302003014001001/"


@dataclass(frozen=True)
class Staff:
    """A person with a post of `unit` in `area`."""

    login: str
    role: str
    name: str
    kind: str
    title: str
    unit: str
    area: str
    duty: str


def _officer(login: str, name: str, title: str, unit: str) -> Staff:
    return Staff(login, Role.DEPARTMENT, name, "department_officer", title, unit, COUNTY, "承办派给本部门的案件")


WUHAI = (
    Staff("grid", Role.GRID_WORKER, "乌云其其格", "grid_worker", "网格员", "150302003014", GRID, "巡查、核实、上报"),
    Staff("leader", Role.GRID_LEADER, "马立春", "grid_leader", "网格长", "150302003014", GRID, "组织网格工作"),
    Staff(
        "community", Role.COMMUNITY, "赵新梅", "community_worker", "社区干部", "150302003014", COMMUNITY, "受理、立案"
    ),
    Staff("street", Role.STREET, "周海龙", "street_officer", "街道干部", "150302003", STREET, "派单、吹哨、核查"),
    Staff(
        "other-street",
        Role.STREET,
        "吕正",
        "street_officer",
        "街道干部",
        "150302002",
        f"{COUNTY}150302002/",
        "派单、吹哨",
    ),
    Staff("centre", Role.CENTRE, "白晓东", "centre_officer", "网格中心值班长", "150302", COUNTY, "派单、督办、裁定"),
    Staff("city-centre", Role.CENTRE, "高原", "centre_officer", "市网格中心值班长", "1503", CITY, "跨区协调、督办"),
    Staff("counter", Role.COUNTER, "李素琴", "counter_clerk", "窗口人员", "150302003014", COMMUNITY, "首问负责、登记"),
    Staff("hotline", Role.HOTLINE, "孙晓燕", "hotline_agent", "热线话务员", "150302", COUNTY, "接听、登记、回访"),
    Staff("inspector", Role.INSPECTOR, "郝建国", "inspector", "核查员", "150302", COUNTY, "现场核查"),
    Staff("supervisor", Role.SUPERVISOR, "石磊", "supervisor", "监督员", "discipline-inspection", COUNTY, "监督"),
    _officer("city-management", "崔志强", "城管执法队员", "city-management"),
    _officer("water", "任秀英", "抢修班长", "water-supply"),
    _officer("heating", "侯大勇", "供热调度员", "heating-supply"),
    _officer("housing", "段慧", "房产科干部", "housing"),
    _officer("emergency", "巴特尔", "应急值班员", "emergency-management"),
    Staff("building", Role.RESIDENT, "韩玉兰", "building_leader", "楼栋长", "150302003014", MICRO_GRID, "联系本楼住户"),
    Staff("helper", Role.RESIDENT, "丁一平", "helper", "热心人", "150302003014", MICRO_GRID, "邻里互助"),
)
WUHAI_RESIDENTS = (("resident", "resident", "何春生"), ("courier", "courier", "田小军"))
"""Login, kind and name of people who register themselves."""


def people() -> dict[str, tuple[str, str]]:
    """Returns role and name of Wuhai's sign-ins, by login."""
    found = {login: (kind, name) for login, kind, name in WUHAI_RESIDENTS}
    return found | {staff.login: (staff.role, staff.name) for staff in WUHAI}


def add_staff(city: Loader, staff: tuple[Staff, ...], password: str) -> None:
    """Adds users, posts and assignments."""
    city.each("sign-ins", staff, lambda each: _add(city, each, password))


def _add(city: Loader, staff: Staff, password: str) -> None:
    user = city.post("/v1/users", login=staff.login, password=password, name=staff.name)
    post = city.post("/v1/posts", kind=staff.kind, title=staff.title, unit=staff.unit, area=staff.area)
    city.post("/v1/assignments", subject=user["id"], post=post["id"], duty=staff.duty, area=staff.area)


def add_residents(city: Loader, password: str) -> None:
    for login, kind, name in WUHAI_RESIDENTS:
        city.post("/v1/users/register", tenant=city.tenant, login=login, password=password, name=name, kind=kind)
