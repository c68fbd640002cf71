"""Ya'an 雅安: its counties and estates, and in 名山区 the merge of nineteen departments' grids into one set."""

from __future__ import annotations

from collections.abc import Callable

from launcher.api import Api
from launcher.demo.loading import Body, Loader, Show, open_city
from launcher.demo.sign_ins import Staff, add_staff
from vocabulary.roles import Role

ROOT, MINGSHAN = "5118", "511803"
COUNTIES = ("511802", "511803", "511822", "511823", "511824", "511825", "511826", "511827")
AREA = f"/{ROOT}/{MINGSHAN}/"
# 县-街道-社区-小区: 480 estates.
ESTATES = 480
# 多网合一 (名山): 19 departments, 213 → 44 grids, 34 duties.
OLD_GRIDS, NEW_GRIDS = 213, 44

# Each department with its duties in the grids: together 34 categories.
DEPARTMENTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "politics-and-law": ("区委政法委", ("dispute.neighbour.neighbour",)),
    "city-management": (
        "区综合行政执法局",
        ("event.appearance.uncollected-waste", "event.street.street-vending", "event.advertising.bill-posting"),
    ),
    "civil-affairs": ("区民政局", ("service.care.care",)),
    "emergency-management": ("区应急管理局", ("event.emergency.fire", "event.appearance.blocked-passage")),
    "public-security": ("区公安分局", ("event.appearance.noise", "event.street.charging-indoors")),
    "housing": (
        "区住房和城乡建设局",
        ("dispute.property.management", "event.construction.unsafe-site", "component.utility.street-lamp"),
    ),
    "ecology": ("区生态环境局", ("event.appearance.dust",)),
    "market-regulation": ("区市场监管局", ("event.street.shop-overflow",)),
    "human-resources": ("区人力资源社会保障局", ("dispute.labour.wages",)),
    "health": ("区卫生健康局", ("event.appearance.stray-animal",)),
    "agriculture": ("区农业农村局", ("event.appearance.blocked-sewer",)),
    "forestry": ("区林业局", ("component.greenery.street-tree", "component.greenery.green-space")),
    "water-resources": ("区水利局", ("event.emergency.flooding", "component.utility.storm-drain")),
    "natural-resources": ("区自然资源局", ("event.appearance.illegal-building", "dispute.demolition.compensation")),
    "transport": (
        "区交通运输局",
        ("component.road.pavement", "component.road.guard-rail", "event.emergency.road-collapse"),
    ),
    "justice": ("区司法局", ("service.mediation.mediation",)),
    "government-services": ("区政务服务局", ("service.policy.question",)),
    "power-supply": ("区供电公司", ("event.emergency.power-outage", "component.utility.power-line")),
    "utilities": (
        "区公用事业中心",
        (
            "event.emergency.water-outage",
            "event.emergency.gas-leak",
            "component.utility.water-pipe",
            "component.utility.gas-pipe",
        ),
    ),
}

STAFF = (
    Staff("centre", Role.CENTRE, "杨雪梅", "centre_officer", "网格中心值班长", MINGSHAN, AREA, "派单、督办、裁定"),
    Staff(
        "city-management", Role.DEPARTMENT, "罗志明", "department_officer", "执法队员", "city-management", AREA, "承办"
    ),
)


def load(operator: Callable[[str], Api], password: str, show: Show) -> None:
    inventories = [{"code": unit, "name": f"{name}网格"} for unit, (name, _) in DEPARTMENTS.items()]
    settings = {"name": "雅安市", "inventories": inventories}
    city = open_city(operator("yaan"), "yaan", password, show, root=ROOT, settings=settings)
    city.divisions()
    city.outlines(COUNTIES)
    city.post_all("departments", "/v1/units", _departments())
    city.post_all("list entries", "/v1/list-entries", duties())
    city.import_all("estates", "/v1/estates/import", _estates(city))
    _merge(city)
    add_staff(city, STAFF, password)


def duties() -> list[Body]:
    return [
        {
            "kind": "duties",
            "category": category,
            "tier": "county",
            "lead": unit,
            "legal_basis": "名山区多网合一网格事项准入清单",
        }
        for unit, (_, categories) in DEPARTMENTS.items()
        for category in categories
    ]


def old_grids(communities: list[str]) -> list[Body]:
    """Spreads 213 grids of nineteen departments over the first 44 communities and villages in turn."""
    units = list(DEPARTMENTS)
    dealt = [(units[n % len(units)], communities[n % NEW_GRIDS], n) for n in range(OLD_GRIDS)]
    return [
        {
            "code": f"{unit}.{community}{n // NEW_GRIDS + 1:03}",
            "name": f"{DEPARTMENTS[unit][0]}第{n // len(units) + 1}网格",
            "level": "base",
            "above": community,
            "inventory": unit,
        }
        for unit, community, n in dealt
    ]


def merge_plan(communities: list[str]) -> Body:
    """Plans one new grid per community, merging every department's grids there."""
    old = old_grids(communities)
    targets = [
        {
            "code": f"{community}001",
            "name": f"全科网格{number}",
            "community": community,
            "grids": [grid["code"] for grid in old if grid["above"] == community],
        }
        for number, community in enumerate(communities[:NEW_GRIDS], start=1)
    ]
    return {"name": "名山区多网合一", "departments": list(DEPARTMENTS), "targets": targets}


def _merge(city: Loader) -> None:
    """Starts the merge; the service does the rest, grid by grid."""
    communities = _communities(city, MINGSHAN)
    city.import_all("departments' grids", "/v1/grids/import", old_grids(communities))
    planned = city.post("/v1/grid-merges", area=MINGSHAN, plan=merge_plan(communities))
    city.post(f"/v1/grid-merges/{planned['id']}/start")


def _departments() -> list[Body]:
    return [
        {"unit": unit, "name": f"名山{name}", "kind": "department", "path": AREA}
        for unit, (name, _) in DEPARTMENTS.items()
    ]


def _estates(city: Loader) -> list[Body]:
    """Spreads the estates over the communities of every county in turn."""
    communities = [code for county in COUNTIES for code in _communities(city, county)]
    return [
        {"name": f"{n // len(communities) + 1}号小区", "division": communities[n % len(communities)]}
        for n in range(ESTATES)
    ]


def _communities(city: Loader, county: str) -> list[str]:
    """Returns the codes of the county's communities and villages."""
    streets = [street["code"] for street in _below(city, county)]
    found = city.each(
        "streets with their communities", streets, lambda street: [each["code"] for each in _below(city, street)]
    )
    return [code for codes in found for code in codes]


def _below(city: Loader, parent: str) -> list[Body]:
    found: list[Body] = city.api.get(f"/v1/divisions?parent={parent}&limit=200")["items"]
    return found
