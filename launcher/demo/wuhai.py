"""Wuhai 乌海: 海勃湾区 新华街道 新海社区, with its grids, departments, lists and a sign-in for each role."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from launcher.api import Api
from launcher.demo import care, residents
from launcher.demo.loading import Body, Loader, Show, open_city
from launcher.demo.sign_ins import COMMUNITY, COUNTY, WUHAI, add_residents, add_staff

ROOT, COUNTIES, STREET, NEW_SEA = "1503", ("150302", "150303", "150304"), "150302003", "150302003014"
# 热心人, 楼栋长, 微网格: 17 estates, 110 micro-grids. Ten base grids of eleven.
ESTATES, GRIDS, MICRO_GRIDS_OF_EACH = 17, 10, 11
_BUILDINGS_OF_EACH = 2
# Outline of 新海社区: a rectangle inside 海勃湾区, as lower left corner and size in degrees.
WEST, SOUTH, WIDTH, HEIGHT = 106.810, 39.655, 0.020, 0.010
_COLUMNS = 5

DEPARTMENTS = {
    "city-management": ("department", "海勃湾区城市管理综合执法局"),
    "housing": ("department", "海勃湾区住房和城乡建设局"),
    "emergency-management": ("department", "海勃湾区应急管理局"),
    "market-regulation": ("department", "海勃湾区市场监督管理局"),
    "public-security": ("department", "乌海市公安局海勃湾区分局"),
    "traffic-police": ("department", "海勃湾区交管大队"),
    "ecology": ("department", "乌海市生态环境局海勃湾区分局"),
    "greening": ("institution", "海勃湾区园林绿化中心"),
    "civil-affairs": ("department", "海勃湾区民政局"),
    "justice": ("department", "海勃湾区司法局"),
    "human-resources": ("department", "海勃湾区人力资源和社会保障局"),
    "government-services": ("department", "海勃湾区政务服务局"),
    "water-supply": ("enterprise", "乌海市供排水公司"),
    "heating-supply": ("enterprise", "海勃湾区热力公司"),
    "gas-supply": ("enterprise", "乌海市燃气公司"),
    "power-supply": ("enterprise", "海勃湾供电分局"),
    "discipline-inspection": ("department", "海勃湾区纪委监委"),
}

# Lead and supporting units by category prefix; the longest match applies.
_LEADS = {
    "component.utility": ("city-management", "housing"),
    "component.utility.storm-drain": ("water-supply", "city-management"),
    "component.utility.fire-hydrant": ("emergency-management", "water-supply"),
    "component.utility.street-lamp": ("housing", "power-supply"),
    "component.utility.power-line": ("power-supply", "emergency-management"),
    "component.utility.gas-pipe": ("gas-supply", "emergency-management"),
    "component.utility.water-pipe": ("water-supply", "housing"),
    "component.utility.heating-pipe": ("heating-supply", "housing"),
    "component.road": ("housing", "traffic-police"),
    "component.appearance": ("city-management", "housing"),
    "component.greenery": ("greening", "city-management"),
    "component.other": ("city-management", "housing"),
    "event.appearance": ("city-management", "ecology"),
    "event.appearance.blocked-sewer": ("water-supply", "city-management"),
    "event.appearance.blocked-passage": ("emergency-management", "city-management"),
    "event.advertising": ("city-management", "market-regulation"),
    "event.construction": ("housing", "city-management"),
    "event.emergency": ("emergency-management", "public-security"),
    "event.emergency.gas-leak": ("gas-supply", "emergency-management"),
    "event.emergency.water-outage": ("water-supply", "housing"),
    "event.emergency.power-outage": ("power-supply", "housing"),
    "event.emergency.heating-outage": ("heating-supply", "housing"),
    "event.street": ("city-management", "market-regulation"),
    "event.street.illegal-parking": ("traffic-police", "city-management"),
    "dispute": ("justice", "public-security"),
    "dispute.labour": ("human-resources", "justice"),
    "dispute.property": ("housing", "justice"),
    "service": ("government-services", "civil-affairs"),
    "service.care": ("civil-affairs", "government-services"),
    "service.mediation": ("justice", "civil-affairs"),
}
# 三张清单: duties (职责任务), public services (公共服务), and local management (属地管理).
_LISTS = {"component": "duties", "event": "duties", "dispute": "duties", "service": "public_services"}
_TERRITORIAL = ("event.street.street-vending", "event.street.bicycle-parking", "event.appearance.stray-animal")


def load(operator: Callable[[str], Api], password: str, show: Show) -> None:
    city = open_city(operator("wuhai"), "wuhai", password, show, root=ROOT, settings={"name": "乌海市"})
    city.divisions()
    city.outlines(COUNTIES)
    _load_places(city)
    buildings = _load_second_tree(city)
    city.post_all("departments", "/v1/units", departments())
    city.post_all("list entries", "/v1/list-entries", list_entries(city.api.get("/v1/tenant")["categories"]))
    add_staff(city, WUHAI, password)
    add_residents(city, password)
    city.post_all("whistle rules", "/v1/whistle-rules", _whistle_rules())
    homes = [building | {"area": f"{COMMUNITY}{building['grids'][0]}/"} for building in buildings]
    residents.load(city, operator("wuhai"), homes)
    community, street, centre = (
        city.api.signed_in("wuhai", login, password) for login in ("community", "street", "centre")
    )
    care.load(city, community, street, centre, COMMUNITY)


def grid_code(grid: int) -> str:
    return f"{NEW_SEA}{grid:03}"


def base_grids() -> list[Body]:
    """Returns ten rectangles in two rows."""
    side, height = WIDTH / _COLUMNS, HEIGHT / (GRIDS // _COLUMNS)
    return [
        {
            "code": grid_code(number),
            "name": f"新海第{number}网格",
            "level": "base",
            "above": NEW_SEA,
            "geometry": _rectangle(
                WEST + side * ((number - 1) % _COLUMNS), SOUTH + height * ((number - 1) // _COLUMNS), side, height
            ),
        }
        for number in range(1, GRIDS + 1)
    ]


def micro_grids() -> list[Body]:
    """Cuts each base grid into eleven strips."""
    strips = []
    for number, grid in enumerate(base_grids(), start=1):
        west, south, east, north = bounds(grid["geometry"])
        side = (east - west) / MICRO_GRIDS_OF_EACH
        strips += [
            {
                "code": f"{grid['code']}{strip:03}",
                "name": f"新海第{number}网格第{strip}微网格",
                "level": "micro",
                "above": grid["code"],
                "geometry": _rectangle(west + side * (strip - 1), south, side, north - south),
            }
            for strip in range(1, MICRO_GRIDS_OF_EACH + 1)
        ]
    return strips


def departments() -> list[Body]:
    return [{"unit": unit, "name": name, "kind": kind, "path": COUNTY} for unit, (kind, name) in DEPARTMENTS.items()]


def list_entries(categories: list[Body]) -> list[Body]:
    """Gives every category a lead at the county, and local management the street as well."""
    entries = [_entry(category["code"]) for category in categories]
    for code in _TERRITORIAL:
        basis = "《街道办事处工作条例》属地管理清单"
        entries.append(_listed("territorial", code, "street", STREET, ["city-management"], basis))
    return entries


def _entry(code: str) -> Body:
    lead, supporting = _LEADS[max((prefix for prefix in _LEADS if code.startswith(prefix)), key=len)]
    kind = _LISTS[code.partition(".")[0]]
    return _listed(kind, code, "county", lead, [supporting], "部门“三定”规定与网格职责清单")


def _listed(kind: str, category: str, tier: str, lead: str, supporting: list[str], basis: str) -> Body:
    return {
        "kind": kind,
        "category": category,
        "tier": tier,
        "lead": lead,
        "supporting": supporting,
        "legal_basis": basis,
    }


def _load_places(city: Loader) -> None:
    general: Body = {"code": f"{STREET}000001", "name": "新华街道总网格", "level": "general", "above": STREET}
    general["covers"] = [STREET]
    city.import_all("grids", "/v1/grids/import", [general, *base_grids(), *micro_grids()])


def _load_second_tree(city: Loader) -> list[Body]:
    """街道党工委—社区党委—网格党支部—楼栋党小组: 4 tiers; and 社工部/站/室 beside them. Returns the buildings."""
    estates = city.post_all("estates", "/v1/estates", [_estate(number) for number in range(ESTATES)])
    plans = [
        {"estate": estate["id"], "name": f"{number}号楼", "grids": estate["grids"]}
        for estate in estates
        for number in range(1, _BUILDINGS_OF_EACH + 1)
    ]
    buildings = city.post_all("buildings", "/v1/buildings", plans)
    committee = _below(city, "working_committee", "新华街道党工委", STREET, "")
    community = _below(city, "committee", "新海社区党委", NEW_SEA, committee)
    branches = {
        grid_code(number): _below(city, "branch", f"新海第{number}网格党支部", grid_code(number), community)
        for number in range(1, GRIDS + 1)
    }
    groups = [_group(building, branches) for building in buildings]
    city.post_all("party organisations", "/v1/party-organisations", groups)
    department = _below(city, "social_work_department", "海勃湾区委社会工作部", "150302", "")
    station = _below(city, "social_work_station", "新华街道社工站", STREET, department)
    _below(city, "social_work_room", "新海社区社工室", NEW_SEA, station)
    return buildings


def _estate(number: int) -> Body:
    """Places seventeen estates in ten grids: the last ten cross a boundary, in two grids each."""
    first = number % GRIDS + 1
    grids = [grid_code(first)] if number < ESTATES - GRIDS else [grid_code(first), grid_code(first % GRIDS + 1)]
    return {"name": f"新海{number + 1}号小区", "division": NEW_SEA, "grids": grids}


def _below(city: Loader, kind: str, name: str, place: str, parent: str) -> str:
    opened = city.post("/v1/party-organisations", **_organisation(kind, name, place, parent))
    return str(opened["id"])


def _group(building: Body, branches: dict[str, str]) -> Body:
    name = f"新海{building['name']}党小组"
    return _organisation("group", name, building["id"], branches[building["grids"][0]])


def _organisation(kind: str, name: str, place: str, parent: str) -> Body:
    return {"kind": kind, "name": name, "place": place} | ({"parent": parent} if parent else {})


def _whistle_rules() -> list[Body]:
    """社区吹哨: the community may call any unit; a grid worker only the emergency units."""
    at_once = ["emergency-management", "gas-supply", "water-supply", "power-supply", "heating-supply"]
    return [
        {"caller": "community", "units": [*at_once, "city-management", "housing"], "area": COUNTY},
        {"caller": "grid_worker", "units": at_once, "area": COMMUNITY},
    ]


def _rectangle(west: float, south: float, width: float, height: float) -> dict[str, Any]:
    east, north = round(west + width, 7), round(south + height, 7)
    west, south = round(west, 7), round(south, 7)
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def bounds(rectangle: dict[str, Any]) -> tuple[float, float, float, float]:
    (west, south), _, (east, north), *_ = rectangle["coordinates"][0]
    return west, south, east, north
