"""Routes of grids, estates, buildings and grid merges."""

from __future__ import annotations

from gateway.api.table import ADMIN, ANYBODY, RouteBuilder
from services.org.api import grids as api
from services.org.api.posts import MicroGridPosts
from services.org.api.types import ImportReport

grids = RouteBuilder("org", answer=api.ListedGrid, tag="grids")
estates = RouteBuilder("org", answer=api.ListedEstate, tag="estates")
buildings = RouteBuilder("org", answer=api.ListedBuilding, tag="estates")
merges = RouteBuilder("org", answer=api.ListedGridMerge, tag="grid merges")

OPERATIONS = [
    grids.reads(
        "/v1/grids/count",
        "count_grids",
        "Count active grids by inventory and level",
        ANYBODY,
        answer=dict[str, dict[str, int]],
    ),
    grids.reads(
        "/v1/locate",
        "locate",
        "Locate a point: the grids and divisions around it",
        ANYBODY,
        api.Locate,
        answer=api.Located,
    ),
    grids.lists(
        "/v1/grids",
        "list_grids",
        "List the grids below a parent, or all of a level",
        ANYBODY,
        api.ListedGrid,
        api.ListGrids,
    ),
    grids.creates("/v1/grids", "open_grid", "Open a grid", ADMIN, api.GridPlan),
    grids.acts(
        "/v1/grids/import",
        "import_grids",
        "Import up to 500 grids",
        ADMIN,
        api.GridPlans,
        answer=ImportReport,
        bulk=True,
    ),
    grids.reads("/v1/grids/{grid}", "get_grid", "Get a grid", ANYBODY),
    grids.sets("/v1/grids/{grid}", "revise_grid", "Rename or redraw a grid", ADMIN, api.GridRevision),
    grids.reads(
        "/v1/grids/{grid}/posts",
        "micro_grid_posts",
        "Show which of a micro-grid's three posts are filled",
        ANYBODY,
        answer=MicroGridPosts,
    ),
    estates.lists(
        "/v1/estates", "list_estates", "List the estates of a division", ANYBODY, api.ListedEstate, api.ListEstates
    ),
    estates.creates("/v1/estates", "open_estate", "Open an estate", ADMIN, api.EstatePlan),
    estates.acts(
        "/v1/estates/import",
        "import_estates",
        "Import up to 500 estates",
        ADMIN,
        api.EstatePlans,
        answer=ImportReport,
        bulk=True,
    ),
    estates.sets(
        "/v1/estates/{estate}/grids", "link_estate", "Set the grids that an estate lies in", ADMIN, api.InGrids
    ),
    buildings.lists(
        "/v1/estates/{estate}/buildings",
        "list_buildings",
        "List the buildings of an estate",
        ANYBODY,
        api.ListedBuilding,
    ),
    buildings.creates("/v1/buildings", "open_building", "Open a building", ADMIN, api.BuildingPlan),
    buildings.sets(
        "/v1/buildings/{building}/grids", "link_building", "Set the grids that a building lies in", ADMIN, api.InGrids
    ),
    merges.lists(
        "/v1/grid-merges",
        "list_grid_merges",
        "List grid merges by state",
        ANYBODY,
        api.ListedGridMerge,
        api.ListGridMerges,
    ),
    merges.creates(
        "/v1/grid-merges",
        "plan_grid_merge",
        "Plan a grid merge (多网合一); nothing changes yet",
        ADMIN,
        api.GridMergeProposal,
    ),
    merges.reads(
        "/v1/grid-merges/{merge}", "get_grid_merge", "Get a grid merge: progress, and old grids to new", ANYBODY
    ),
    merges.acts(
        "/v1/grid-merges/{merge}/start", "start_grid_merge", "Start a grid merge, or resume a halted one", ADMIN
    ),
]
