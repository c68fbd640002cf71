"""Reader of the file of a new city: every fault is named with its line, before anything is sent."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from chassis.errors import Invalid
from chassis.security.principal import path_of
from chassis.validation import convert
from launcher.tenant_file import yaml_lines
from launcher.tenant_file.shape import LEVEL_TIERS, City, Place
from launcher.tenant_file.yaml_lines import Document
from services.org.api.settings import Settings
from vocabulary.tiers import Tier

Fault = tuple[str, str]
_GRIDS = (Tier.GRID, Tier.MICRO_GRID)


class Located(NamedTuple):
    """A place of the tree. `at`: its path in the file; `path`: its path in the tree."""

    place: Place
    at: str
    parent: str
    tier: str
    path: str


@dataclass(frozen=True)
class CityFile:
    """A file without faults. `settings`: as the API takes them; `places`: by code, parents first."""

    city: City
    document: Document
    settings: dict[str, Any]
    places: dict[str, Located]


def read(file: Path) -> CityFile:
    """Raises `BadFile` that names every fault, or `Stopped` for a file that cannot be read."""
    document = yaml_lines.read(file)
    city: City = _converted(document, document.value, City, "")
    settings: Settings = _converted(document, {"name": city.root.name, **city.settings}, Settings, "settings")
    places = list(_places(city))
    faults = [*_level_faults(city.levels), *_place_faults(places, len(city.levels)), *_reference_faults(city, places)]
    if faults:
        raise document.bad(*faults)
    plain = {name: value for name, value in msgspec.to_builtins(settings).items() if name in {"name", *city.settings}}
    return CityFile(city, document, plain, {each.place.code: each for each in places})


def _converted(document: Document, value: Any, kind: type[Any], within: str) -> Any:
    try:
        converted = convert(value, kind, strict=False)
        if isinstance(converted, Settings):
            converted.check()
    except Invalid as invalid:
        faults = [(f"{within}.{field}".strip("."), en) for field, en, _ in invalid.faults]
        raise document.bad(*faults) from None
    return converted


def _places(city: City) -> Iterator[Located]:
    """Yields every place, a level after the other."""
    tiers = list(city.levels.values())
    level = [Located(city.root, "root", "", tiers[0] if tiers else "", path_of(city.root.code))]
    depth = 0
    while level:
        yield from level
        depth += 1
        tier = tiers[depth] if depth < len(tiers) else ""
        level = [
            Located(child, f"{above.at}.divisions.{n}", above.place.code, tier, above.path + path_of(child.code)[1:])
            for above in level
            for n, child in enumerate(above.place.divisions)
        ]


def _level_faults(levels: Mapping[str, str]) -> Iterator[Fault]:
    unknown = [name for name, tier in levels.items() if tier not in LEVEL_TIERS]
    if unknown:
        yield from ((f"levels.{name}", f"it must be one of {', '.join(LEVEL_TIERS)}") for name in unknown)
        return
    tiers = list(levels.values())
    if not tiers or tiers[0] not in (Tier.CITY, Tier.COUNTY):
        yield "levels", "the first level must be a city or a county"
    ranks = [LEVEL_TIERS.index(Tier(tier)) for tier in tiers]
    if any(low <= high for high, low in itertools.pairwise(ranks)):
        yield "levels", f"each level must come after the one above it in {', '.join(LEVEL_TIERS)}"
    if (Tier.GRID in tiers and Tier.COMMUNITY not in tiers) or (Tier.MICRO_GRID in tiers and Tier.GRID not in tiers):
        yield "levels", "a grid lies in a community, and a micro_grid in a grid: add that level"


def _place_faults(places: list[Located], depth: int) -> Iterator[Fault]:
    for each in places:
        if not each.tier:
            yield each.at, f"the tree is deeper than its {depth} levels; add a level, or leave this one out"
    for code, count in Counter(each.place.code for each in places).items():
        if count > 1:
            doubled = [each.at for each in places if each.place.code == code]
            yield f"{doubled[1]}.code", f"{code} is the code of another division too; each needs its own"


def _reference_faults(city: City, places: Iterable[Located]) -> Iterator[Fault]:
    codes, units = {each.place.code for each in places}, {each.id for each in city.units}
    areas = [(f"units.{n}.area", each.area) for n, each in enumerate(city.units)]
    areas += [(f"staff.{n}.area", each.area) for n, each in enumerate(city.staff)]
    yield from ((at, f"{area} is no code of a division in this file") for at, area in areas if area not in codes)
    for n, unit in enumerate(city.units):
        if unit.leads and not unit.basis.strip():
            yield f"units.{n}.basis", "name the legal basis on which the unit leads these"
    for n, staff in enumerate(city.staff):
        if staff.unit and staff.unit not in codes | units:
            yield f"staff.{n}.unit", f"{staff.unit} is neither a unit nor a division in this file"
    logins = [city.administrator.login, *(each.login for each in city.staff)]
    for n, staff in enumerate(city.staff):
        if logins.index(staff.login) <= n:
            yield f"staff.{n}.login", f"{staff.login} is the login of somebody else too"


def is_grid(place: Located) -> bool:
    return place.tier in _GRIDS
