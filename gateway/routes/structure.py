"""The structure of a city: the tenant, divisions, grids, estates, the second tree, merges and emergencies."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from chassis.types import NOT_BLANK
from gateway.api.old_table import ADMIN, ANYBODY, Service
from gateway.api.rows import (
    ListedBuilding,
    ListedDivision,
    ListedEmergency,
    ListedEstate,
    ListedGrid,
    ListedGridMerge,
    ListedPartyOrganisation,
)
from gateway.api.types import Form, Id, Latitude, Longitude, Moment, Path, SettingsForm, Title, Word, form

org = Service("org")

CENTRE = "centre, for its area"

MergeState = Literal["planned", "running", "halted", "completed"]
Level = Literal["general", "base", "micro"]
Codes = Annotated[list[Id], Field(max_length=200)]
Geometry = Annotated[dict[str, Any], Field(description="GeoJSON Polygon or MultiPolygon, WGS-84.")]


Cell = Annotated[str, Field(max_length=1000)]


class DivisionRow(Form):
    """`line` is that of the file it comes from. Loose: a broken row is rejected by its line, and the rest goes on."""

    line: int
    code: Cell
    parent: Cell
    tier: Cell
    name: Cell


class GridPlan(Form):
    """A grid to open below `above`: a community, the street of a general grid, the base grid of a micro-grid."""

    code: Id
    name: Title
    level: Level
    above: Id
    inventory: Word = "main"
    covers: Codes = []
    geometry: Geometry | None = None


class EstatePlan(Form):
    """An estate to open in a community or village."""

    name: Title
    division: Id
    grids: Codes = []


class MergeTarget(Form):
    """One grid that takes the place of several."""

    code: Id
    name: Title
    community: Id
    grids: Codes


Rows = Annotated[list[DivisionRow], Field(min_length=1, max_length=500)]
GridPlans = Annotated[list[GridPlan], Field(min_length=1, max_length=500)]
EstatePlans = Annotated[list[EstatePlan], Field(min_length=1, max_length=500)]
Targets = Annotated[list[MergeTarget], Field(min_length=1, max_length=200)]

OPERATIONS = [
    org.reads("/v1/tenant", "get_tenant", "The city and its settings", ANYBODY),
    org.sets(
        "/v1/tenant/settings", "change_settings", "Change the settings", ADMIN, _body=SettingsForm, _into="settings"
    ),
    org.lists(
        "/v1/divisions",
        "list_divisions",
        "Divisions below one; the root without",
        ANYBODY,
        ListedDivision,
        parent=Word | None,
    ),
    org.acts(
        "/v1/divisions/import", "import_divisions", "Import up to 500 divisions", ADMIN, rows=Rows, _together=False
    ),
    org.reads("/v1/divisions/{division}", "get_division", "A division", ANYBODY),
    org.sets("/v1/divisions/{division}/outline", "draw_division", "Draw its outline", ADMIN, outline=Geometry),
    org.reads("/v1/grids/count", "count_grids", "Active grids by inventory and level", ANYBODY),
    org.reads(
        "/v1/locate",
        "locate",
        "The grids and divisions that hold a point",
        ANYBODY,
        longitude=Longitude,
        latitude=Latitude,
        inventory=Word | None,
    ),
    org.lists(
        "/v1/grids",
        "list_grids",
        "Grids below one, or all of a level",
        ANYBODY,
        ListedGrid,
        parent=Word | None,
        inventory=Word | None,
        level=Level | None,
    ),
    org.creates(
        "/v1/grids",
        "open_grid",
        "Open a grid",
        ADMIN,
        _into="plan",
        code=Id,
        name=Title,
        level=Level,
        above=Id,
        inventory=Word | None,
        covers=Codes | None,
        geometry=Geometry | None,
    ),
    org.acts("/v1/grids/import", "import_grids", "Open up to 500 grids", ADMIN, plans=GridPlans, _together=False),
    org.reads("/v1/grids/{grid}", "get_grid", "A grid", ANYBODY),
    org.sets(
        "/v1/grids/{grid}", "revise_grid", "Rename a grid, draw it anew", ADMIN, name=Title, geometry=Geometry | None
    ),
    org.reads("/v1/grids/{grid}/posts", "micro_grid_posts", "Which of its three posts somebody holds", ANYBODY),
    org.lists("/v1/estates", "list_estates", "Estates of a division", ANYBODY, ListedEstate, division=Id),
    org.creates(
        "/v1/estates", "open_estate", "Open an estate", ADMIN, _into="plan", name=Title, division=Id, grids=Codes | None
    ),
    org.acts(
        "/v1/estates/import", "import_estates", "Open up to 500 estates", ADMIN, plans=EstatePlans, _together=False
    ),
    org.sets("/v1/estates/{estate}/grids", "link_estate", "Say which grids it lies in", ADMIN, grids=Codes),
    org.lists("/v1/estates/{estate}/buildings", "list_buildings", "Buildings of an estate", ANYBODY, ListedBuilding),
    org.creates(
        "/v1/buildings",
        "open_building",
        "Open a building",
        ADMIN,
        _into="plan",
        name=Title,
        estate=Id,
        grids=Codes | None,
    ),
    org.sets("/v1/buildings/{building}/grids", "link_building", "Say which grids it lies in", ADMIN, grids=Codes),
    org.lists(
        "/v1/party-organisations",
        "list_party_organisations",
        "The second tree below one; its tops without",
        ANYBODY,
        ListedPartyOrganisation,
        parent=Word | None,
    ),
    org.creates(
        "/v1/party-organisations",
        "open_party_organisation",
        "Open one of the second tree",
        ADMIN,
        _into="plan",
        kind=Word,
        name=Title,
        place=Id,
        parent=Id | None,
    ),
    org.acts(
        "/v1/party-organisations/{organisation}/close",
        "close_party_organisation",
        "Close one of the second tree",
        ADMIN,
    ),
    org.lists(
        "/v1/grid-merges",
        "list_grid_merges",
        "Merges of grids in a state",
        ANYBODY,
        ListedGridMerge,
        state=MergeState | None,
    ),
    org.creates(
        "/v1/grid-merges",
        "plan_grid_merge",
        "Draw up a merge (多网合一); nothing changes yet",
        ADMIN,
        area=Id,
        plan=form("MergePlan", name=Title, departments=Codes, targets=Targets),
    ),
    org.reads("/v1/grid-merges/{merge}", "get_grid_merge", "How far it has come, and old grids to new", ANYBODY),
    org.acts("/v1/grid-merges/{merge}/start", "start_grid_merge", "Start it, or go on with a halted one", ADMIN),
    org.lists(
        "/v1/emergencies",
        "list_emergencies",
        "Emergencies in a state",
        ANYBODY,
        ListedEmergency,
        state=Literal["active", "ended"] | None,
    ),
    org.creates(
        "/v1/emergencies",
        "declare_emergency",
        "Declare emergency mode; it ends by itself",
        CENTRE,
        _into="declaration",
        hazard=Word,
        area=Path,
        order=Annotated[str, Field(min_length=4, max_length=200, pattern=NOT_BLANK)],
        until=Moment,
        roster=Codes | None,
    ),
    org.acts("/v1/emergencies/{emergency}/end", "end_emergency", "End it early", CENTRE),
]
