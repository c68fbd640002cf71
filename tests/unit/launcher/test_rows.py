"""Rows of the domain and their tests."""

from __future__ import annotations

import argparse
import json

import pytest

from launcher.commands import rows

TEXT = """\
## Wuhai 乌海

| mechanism | what is built | numbers | owner |
|---|---|---|---|
| 热心人, 楼栋长 | helpers | 3 | V O |

## Roles

| role | report |
|---|---|
| resident | ✓ |
"""


def test_a_row_has_a_place_a_mechanism_and_an_owner_and_other_tables_are_ignored() -> None:
    assert list(rows.read(TEXT)) == [rows.Row("Wuhai 乌海", "热心人, 楼栋长", "V O")]


def test_a_row_has_the_tests_that_name_it() -> None:
    found = list(rows.read(TEXT))
    rows.assign(found, [("tests/a.py::test_a", "热心人, 楼栋长"), ("tests/a.py::test_a", "热心人, 楼栋长")])
    assert found[0].tests == ["tests/a.py::test_a"]


def test_a_mark_that_names_no_row_is_refused_and_says_where() -> None:
    with pytest.raises(rows.UnknownMark, match="test_b is marked with '热心'"):
        rows.assign(list(rows.read(TEXT)), [("test_b", "热心")])


def test_progress_goes_to_standard_error(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(rows, "_collected", list)
    assert rows.run(argparse.Namespace(json=True)) == 0
    told = capsys.readouterr()
    assert "collecting the tests" in told.err
    assert len(json.loads(told.out)) == len(list(rows.read(rows.DOMAIN.read_text())))


def test_every_row_of_the_domain_has_an_owner_and_is_unique() -> None:
    found = list(rows.read(rows.DOMAIN.read_text()))
    assert len({row.mechanism for row in found}) == len(found)
    assert all(set(row.owner.split()) <= set("ORCVNG") and row.owner for row in found)
