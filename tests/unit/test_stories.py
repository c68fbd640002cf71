"""A service brings a story of each of its events; without them, a message says what to add and where."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest

from launcher.service_list import NAMES
from tests.contract import stories


@pytest.mark.parametrize("service", NAMES)
def test_a_service_has_a_story_of_each_of_its_events(service: str) -> None:
    assert (missing := stories.missing_of(service)) == "", missing


@pytest.mark.parametrize("service", NAMES)
def test_a_service_without_stories_is_told_which_file_to_add(
    service: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stories, "FOLDER", tmp_path)
    said = f"{service} has no stories: add tests/contract/{service}/stories.py with EVENTS and aggregates();"
    assert stories.missing_of(service).startswith(said)


def test_a_service_without_events_needs_no_stories(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stories.contracts, "published", dict)
    assert stories.missing_of("newcomer") == ""


def test_an_event_without_a_story_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    service = NAMES[0]
    told = ModuleType("stories")
    first, *others = sorted(stories.published_by(service))
    vars(told).update(EVENTS=dict.fromkeys(others), aggregates=list)
    monkeypatch.setattr(stories, "stories_of", lambda service: [told])
    assert stories.missing_of(service).startswith(f"add a story of {first} to stories,")
    vars(told).pop("aggregates")
    assert stories.missing_of(service).startswith("add aggregates() to stories;")
