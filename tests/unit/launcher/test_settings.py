"""`./linli settings`: which value a path names, and the merge patch that changes it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from launcher.commands import settings
from launcher.commands.settings import NoSuchItem, NoSuchSetting, at, patch_of, value_of
from launcher.servers.processes import ROOT
from services.org.tenants.model.categories import STANDARD

NOISE = {"code": "event.street.noise", "en": "Noise", "zh": "噪声", "priority": "P3"}
OTHER = {"code": "event.street.noise-at-night", "en": "Noise at night", "zh": "夜间噪声", "priority": "P2"}
DRONE = {"en": "Drone", "zh": "无人机"}
SHOWN: dict[str, Any] = {
    "name": "Wuhai",
    "limits": {"case": {"P3": "7d"}, "appeal": "3d"},
    "categories": [NOISE, OTHER],
    "calendar": {"days_off": ["2026-05-01"]},
}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("", SHOWN),
        ("limits.case.P3", "7d"),
        ("categories.event.street.noise.priority", "P3"),
        ("categories.event.street.noise-at-night", OTHER),
        ("calendar.days_off", ["2026-05-01"]),
    ],
)
def test_a_path_names_a_value(path: str, value: Any) -> None:
    assert at(SHOWN, path) == value


def test_an_unknown_path_is_answered_with_what_is_there() -> None:
    with pytest.raises(NoSuchSetting, match=r"no setting 'limits.cases'; limits has case, appeal\."):
        at(SHOWN, "limits.cases")
    with pytest.raises(NoSuchSetting, match=r"name has nothing below it\."):
        at(SHOWN, "name.zh")


@pytest.mark.parametrize(
    ("path", "value", "patch"),
    [
        ("limits.case.P3", "5wd", {"limits": {"case": {"P3": "5wd"}}}),
        ("limits.case.P3", None, {"limits": {"case": {"P3": None}}}),
        (
            "categories.event.street.noise.priority",
            "P2",
            {"categories": [{**NOISE, "priority": "P2"}, OTHER]},
        ),
        ("categories.event.street.noise", {"retired": True}, {"categories": [{**NOISE, "retired": True}, OTHER]}),
        ("categories.event.street.drone", DRONE, {"categories": [
            NOISE, OTHER, {"code": "event.street.drone", **DRONE}]}),
        ("categories.event.street.noise", None, {"categories": [OTHER]}),
        ("calender.opens", "08:00:00", {"calender": {"opens": "08:00:00"}}),  # the service says what is wrong
    ],
)  # fmt: skip
def test_a_change_is_a_patch_of_one_setting(path: str, value: Any, patch: Any) -> None:
    assert patch_of(SHOWN, path, value) == patch


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("categories.drone", {"retired": True}),
        ("categories.drone", None),
        ("categories.drone.zh", "无人机"),
    ],
)
def test_a_change_of_what_is_not_there_says_so_and_what_a_new_one_needs(path: str, value: Any) -> None:
    with pytest.raises(NoSuchItem, match=r"no 'drone(\.zh)?' in categories\..* with at least zh and en\."):
        patch_of(SHOWN, path, value)


@pytest.mark.parametrize(
    ("text", "value"),
    [("5wd", "5wd"), ("15", 15), ("true", True), ("null", None), ('{"a": 1}', {"a": 1}), ("乌海", "乌海")],
)
def test_a_value_is_json_or_a_plain_text(text: str, value: Any) -> None:
    assert value_of(text) == value


def test_the_categories_of_the_documented_commands_exist() -> None:
    text = (ROOT / "docs" / "operations.md").read_text() + Path(settings.__file__).read_text()
    named = re.findall(r"categories\.((?:event|component)\.[a-z.-]+)", text)
    assert len(named) >= 2
    assert set(named) <= {category.code for category in STANDARD}
