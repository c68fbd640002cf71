"""Every search of one table has an index, as MongoDB itself says: of a city's tasks, answers and fields."""

from __future__ import annotations

import re
from typing import Any

import pytest

from services.residents.dictionary.model import Field
from services.residents.forms.model import FormTemplate
from services.residents.people.model import Resident
from services.residents.placed import in_area, inside
from services.residents.tasks.model import FormTask
from services.residents.values.model import SubjectValues
from tests.servers.site import Site
from tests.unit.residents.samples import COMMUNITY, GRID, STREET_STAFF

pytestmark = pytest.mark.domain("一表通")
AFTER = {"_id": {"$gt": "wuhai:a"}}
BY_KEY = [("_id", 1)]
OPEN = {"template": "t", "state": "OPEN"}


def queries() -> list[tuple[Any, dict[str, Any], list[tuple[str, int]], str]]:
    """The model, what is asked of it, in which order, and the first fields of the index that serves it."""
    here = in_area(STREET_STAFF, COMMUNITY)
    asks = {"about": "dwelling", "state": "PUBLISHED", "questions.field": {"$in": ["housing", "rooms"]}}
    return [
        (Field, AFTER, BY_KEY, "_id"),
        (Field, {"about": "dwelling"} | AFTER, BY_KEY, "about"),
        (FormTemplate, {"state": "PUBLISHED"} | AFTER, BY_KEY, "state"),
        (FormTemplate, asks, BY_KEY, "about_1_state"),
        (FormTask, here | {"state": "OPEN"} | AFTER, BY_KEY, "codes_1_state"),
        (FormTask, here | {"template": "t"}, [], "codes_1_template"),
        (FormTask, here, [], "codes"),
        (FormTask, {"codes": "150302003014001"}, [], "codes"),
        (FormTask, OPEN, [], "template_1_state"),
        (FormTask, OPEN | inside(COMMUNITY), [], "template_1_state_1_area"),
        (FormTask, OPEN | {"area": GRID}, [("given_at", 1), ("_id", 1)], "template_1_state_1_area"),
        (SubjectValues, {"held.field": "f", "there": True} | inside(COMMUNITY), [], "held.field_1_area"),
        (Resident, {"merged_into": {"$in": ["r", "s"]}}, [], "merged_into"),
    ]


@pytest.mark.parametrize(("model", "where", "sort", "index"), queries())
def test_an_index_serves_it(
    residents_site: Site, model: Any, where: dict[str, Any], sort: list[tuple[str, int]], index: str
) -> None:
    plan = plan_of(residents_site, model, where, sort)
    assert "COLLSCAN" not in plan
    assert re.search(f"'tenant_1_{index}_", plan), plan


@pytest.mark.parametrize("model", [Field, SubjectValues])
def test_what_is_read_by_its_ids_scans_nothing_else(residents_site: Site, model: Any) -> None:
    plan = plan_of(residents_site, model, {"_id": {"$in": ["wuhai:a", "wuhai:b"]}}, [])
    assert "COLLSCAN" not in plan
    assert "_id" in plan


def plan_of(site: Site, model: Any, where: dict[str, Any], sort: list[tuple[str, int]]) -> str:
    cursor = site.collections("residents")[model._get_collection_name()].find({"tenant": "wuhai", **where})
    return str((cursor.sort(sort) if sort else cursor).explain()["queryPlanner"]["winningPlan"])
