"""Forms exchanged with other tools over the running services: what one city exports, another one drafts."""

from __future__ import annotations

from base64 import b64decode, b64encode

import pytest

from services.residents.xforms import xlsx
from tests.integration.residents.table_town import HOUSING, RENT, ROOMS, OneTable
from tests.integration.residents.town import Town

pytestmark = pytest.mark.domain("一表通")


@pytest.fixture
def table(town: Town) -> OneTable:
    return OneTable(town)


def test_an_exported_form_is_drafted_again_from_its_file(table: OneTable) -> None:
    form = table.form(HOUSING, ROOMS, RENT)
    exported = table.ask("street", "export_form", template=form)
    assert exported["name"] == f"{form}-1.xlsx"
    new = {"about": "dwelling", "file": exported["file"], "minutes": 15}
    made = table.ask("street", "import_form", **new, key="once")
    assert table.ask("street", "import_form", **new, key="once") == made
    draft = table.ask("street", "get_form", template=made["id"])
    assert (draft["state"], draft["title"], draft["minutes"]) == ("DRAFT", "房屋采集表", 15)
    assert draft["questions"] == table.ask("street", "get_form", template=form)["questions"]
    table.ask("street", "publish_form", template=made["id"])


def test_a_file_with_unknown_questions_drafts_nothing_and_names_them_all(table: OneTable) -> None:
    exported = table.ask("street", "export_form", template=table.form(HOUSING, ROOMS))
    book = xlsx.read(b64decode(exported["file"]))
    book["survey"] += [{"type": "text", "name": "owner"}, {"type": "geopoint", "name": "where"}]
    before = table.town.stored("form_templates")
    new = {"about": "dwelling", "file": b64encode(xlsx.written(book)).decode()}
    assert table.town.refused("street", "import_form", **new) == "invalid"
    assert table.town.refused("worker", "import_form", **new) == "wrong_role"
    assert table.town.stored("form_templates") == before
