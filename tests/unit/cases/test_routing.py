from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.cases.analytics.unit_suggestions import Record, suggestions
from services.cases.api.analytics import SuggestedUnit
from services.cases.directory.list_entries import Entry

pytestmark = pytest.mark.domain("The case: Dispatch")

NOW = datetime(2026, 11, 19, 2, tzinfo=UTC)
DAY = timedelta(days=1)
LAMP = "component.utility.street-lamp"


def entry(name: str, lead: str, tier: str = "street", **given: Any) -> Entry:
    facts = {"kind": "duties", "category": LAMP, "tier": tier, "lead": lead, "valid_from": NOW - DAY}
    return Entry(id=name, **{**facts, **given})


def suggested(*entries: Entry, **given: Any) -> list[SuggestedUnit]:
    return suggestions(entries, **{"category": LAMP, "tier": "street", "now": NOW, **given})


def units(*entries: Entry, **given: Any) -> list[str]:
    return [suggestion.unit for suggestion in suggested(*entries, **given)]


def test_the_list_of_the_cases_own_tier_comes_before_others() -> None:
    assert units(entry("1", "city-lights", "city"), entry("2", "street-lights"), entry("3", "county", "county")) == [
        "street-lights",
        "county",
        "city-lights",
    ]


def test_an_entry_of_a_group_suggests_its_unit_after_those_of_the_category_itself() -> None:
    of_group = entry("1", "utilities", category="component.utility")
    assert units(of_group, entry("2", "lamps"), entry("3", "county", "county")) == ["lamps", "utilities", "county"]
    [both] = suggested(of_group, entry("4", "utilities"))
    assert both.entry == "4"


def test_entries_of_another_category_or_time_suggest_nothing() -> None:
    assert (
        units(
            entry("1", "a", category="event.appearance.noise"),
            entry("2", "b", valid_from=NOW + DAY),
            entry("3", "c", valid_until=NOW),
        )
        == []
    )


def test_a_unit_that_returned_the_case_or_is_complained_about_is_not_suggested() -> None:
    entries = [entry("1", "a"), entry("2", "b"), entry("3", "c", supporting=("a", "d"))]
    assert units(*entries, returned_by=frozenset({"b"}), about="a") == ["c"]
    assert suggested(*entries, about="a")[-1].supporting == ["d"]


def test_among_equals_the_unit_whose_first_dispatches_were_right_comes_first() -> None:
    records = {"a": Record(dispatched=10, right=5), "b": Record(dispatched=10, right=9)}
    first, second = suggested(entry("1", "a"), entry("2", "b"), records=records)
    assert (first.unit, first.right, second.unit) == ("b", 0.9, "a")


def test_a_suggestion_gives_its_reason_in_both_languages() -> None:
    (one,) = suggested(
        entry("1", "a", "county", legal_basis="城市管理条例 第十条"), records={"a": Record(dispatched=4, right=3)}
    )
    assert one.why["en"] == (
        "The list of duties names a as lead for component.utility.street-lamp at the county tier; "
        "no entry of the street tier ranks higher; legal basis: 城市管理条例 第十条; "
        "it kept 3 of 4 first dispatches of this category."
    )
    assert one.why["zh-CN"].startswith("职责任务清单规定component.utility.street-lamp在区县层级由a牵头；街道层级没有")
    assert one.entry == "1"
