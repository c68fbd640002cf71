"""The digest of an imported row tells the same row from another one of its number, also in later versions."""

from __future__ import annotations

import msgspec
import pytest

from chassis.errors import Invalid
from services.cases.api.imports import Import, ImportedRow
from services.cases.api.states import State
from services.cases.case.commands.bulk_import import digest_of
from tests.unit.cases import people as p

ROW = ImportedRow(line=2, number="1", category="streetlight", path=p.GRID, state=State.CLOSED, text="灯", lon=1.5)


class LaterRow(ImportedRow, frozen=True, kw_only=True):
    """The row of a version with more optional fields."""

    contact: str = ""
    photos: list[str] = []


def test_new_optional_fields_keep_the_digest_of_every_row_that_lacks_them() -> None:
    row = msgspec.structs.asdict(ROW)
    assert digest_of(LaterRow(**row)) == digest_of(ROW)
    assert digest_of(LaterRow(**row, contact="x")) != digest_of(ROW)
    assert digest_of(LaterRow(**row, photos=["x"])) != digest_of(ROW)


@pytest.mark.parametrize("change", [{"text": ""}, {"lon": None}, {"lon": 0}, {"state": State.REPORTED}, {"lead": "x"}])
def test_a_row_that_says_something_else_has_another_digest(change: dict[str, object]) -> None:
    assert digest_of(msgspec.structs.replace(ROW, **change)) != digest_of(ROW)


def test_two_rows_of_an_import_never_have_the_same_line() -> None:
    with pytest.raises(Invalid) as refused:
        Import(source="old", rows=[ROW, msgspec.structs.replace(ROW, number="2")])
    assert [field for field, *_ in refused.value.faults] == ["rows.1.line"]


def test_a_row_may_move_to_another_line() -> None:
    assert digest_of(msgspec.structs.replace(ROW, line=3)) == digest_of(ROW)
