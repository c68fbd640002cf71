"""The file of a new city: what is wrong is named with its line and field; nothing else comes of any file."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from launcher.problems import Stopped
from launcher.servers.processes import ROOT
from launcher.tenant_file.reader import read
from launcher.tenant_file.yaml_lines import BadFile

EXAMPLE = (ROOT / "examples" / "rivermouth.yaml").read_text(encoding="utf-8")


def written(folder: Path, text: str | bytes) -> Path:
    file = folder / "city.yaml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def line_of(text: str, part: str) -> int:
    return next(n for n, line in enumerate(text.splitlines(), start=1) if part in line)


def test_the_example_is_read_with_its_paths_and_tiers(tmp_path: Path) -> None:
    file = read(written(tmp_path, EXAMPLE))
    docks = file.places["hb-docks"]
    assert (docks.path, docks.parent, docks.tier) == ("/riv/hb/hb-docks/", "hb", "street")
    assert list(file.places)[:3] == ["riv", "hb", "up"]  # parents first
    assert file.settings["calendar"]["opens"] == "08:30:00"
    assert set(file.settings) == {"name", "languages", "calendar", "limits", "categories"}


def test_a_code_is_the_text_that_was_written(tmp_path: Path) -> None:
    """In YAML 1.1, `010` is 8, `no` is false and `12:30` is 750."""
    text = EXAMPLE.replace("hb-docks-e", "010").replace("hb-docks-w", "no")
    assert {"010", "no"} <= read(written(tmp_path, text)).places.keys()


@pytest.mark.parametrize(
    ("old", "new", "field", "words"),
    [
        ("tenant: rivermouth", "tenant: River Mouth", "tenant", "lower-case letters"),
        ("borough: county", "borough: parish", "levels.borough", "one of city, county"),
        ("borough: county", "borough: street", "levels", "each level must come after the one above it"),
        ("code: up-mill", "code: hb-mkt", "root.divisions.1.divisions.0.code", "the code of another division too"),
        ("  precinct: community\n", "", "root.divisions.0.divisions.0.divisions.0", "deeper than its 3 levels"),
        ("area: hb\n    leads", "area: hp\n    leads", "units.0.area", "hp is no code of a division"),
        ("unit: public-works", "unit: public-work", "staff.3.unit", "neither a unit nor a division"),
        ("post: inspector", "post: detective", "staff.1.post", "it must be"),
        ("login: works", "login: docks", "staff.3.login", "somebody else"),
        ("    basis: Harbour Act 1988\n", "", "units.1.basis", "legal basis"),
        ("name: Will Tanner", "nmae: Will Tanner", "staff.3.nmae", "no such field"),
        ("zone: America/New_York", "zone: Rivermouth", "settings.calendar.zone", "IANA time zone"),
        ("P3: 5d", "P3: soon", "settings.limits.case.P3", "a span: 30min"),
        ("code: event.harbour.oil-spill", "code: oil", "settings.categories.0.code", "like event.street.noise"),
    ],
)
def test_a_fault_is_named_with_its_line_and_field(tmp_path: Path, old: str, new: str, field: str, words: str) -> None:
    assert EXAMPLE.count(old) == 1
    text = EXAMPLE.replace(old, new)
    with pytest.raises(BadFile) as bad:
        read(written(tmp_path, text))
    [fault] = [line for line in str(bad.value).splitlines() if f": {field}: " in line]
    assert words in fault
    number = int(fault.removeprefix(f"{tmp_path / 'city.yaml'}:").partition(":")[0])
    changed = [
        n for n, (a, b) in enumerate(zip(EXAMPLE.splitlines(), text.splitlines(), strict=False), start=1) if a != b
    ]
    if field == "levels":
        assert number == line_of(text, "levels:")
    elif new and "\n" not in old.strip("\n"):
        assert number == changed[0]
    else:
        assert 1 <= number <= len(text.splitlines())


def test_every_fault_is_named_at_once(tmp_path: Path) -> None:
    text = EXAMPLE.replace("area: hb\n    leads", "area: hp\n    leads").replace("login: works", "login: docks")
    with pytest.raises(BadFile) as bad:
        read(written(tmp_path, text))
    assert len(str(bad.value).splitlines()) == 2


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        (b"tenant: a\n\tb: c\n", 2, "not YAML"),
        (b"tenant: a\ntenant: b\n", 2, "is there twice"),
        (b"tenant: \xff\n", 1, "not UTF-8"),
        (b"", 1, "it is missing"),
        (b"- a\n", 1, "an object"),
        (b"tenant: &a [*a]\n", 1, "nested too deeply"),
    ],
)
def test_what_is_no_city_is_named_with_its_line(tmp_path: Path, text: bytes, line: int, words: str) -> None:
    with pytest.raises(BadFile) as bad:
        read(written(tmp_path, text))
    first = str(bad.value).splitlines()[0]
    assert f"city.yaml:{line}: " in first
    assert words in first


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(Stopped, match="No such file"):
        read(tmp_path / "none.yaml")


@given(st.one_of(st.binary(max_size=200), st.text(max_size=200).map(str.encode), st.integers(0, len(EXAMPLE)).map(
    lambda n: EXAMPLE.encode()[:n])))  # fmt: skip
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_bytes_are_a_city_or_a_named_fault(tmp_path: Path, content: bytes) -> None:
    with suppress(Stopped):
        assert read(written(tmp_path, content)).places
