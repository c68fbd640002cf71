"""mypy checks the attributes of documents: a misspelt one is an error, not `Any`."""

from __future__ import annotations

import os
from pathlib import Path

from mypy import api

MISSPELT = """
from services.cases.case.model.case import Case
from services.cases.case.model.embedded import Place
from services.org.grids.model.grid import Grid
from services.cases.directory.replicas import UnitReplica

def use(case: Case, place: Place, grid: Grid, unit: UnitReplica) -> None:
    print(case.stat)
    case.stat = "OPEN"
    print(place.pth)
    grid.levle = 1
    print(unit.kid)
    number: int = case.kind
"""


def test_a_misspelt_attribute_of_a_document_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "misspelt.py"
    file.write_text(MISSPELT)
    said, _, _ = api.run(["--cache-dir", os.devnull, "--no-error-summary", str(file)])
    found = [line.split(":")[1] for line in said.splitlines() if "[attr-defined]" in line or "[assignment]" in line]
    assert found == ["8", "9", "10", "11", "12", "13"], said
