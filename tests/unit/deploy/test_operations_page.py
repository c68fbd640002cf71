"""docs/operations.md tells of every setting."""

from __future__ import annotations

import re

import pytest

from launcher.parts import ROOT

PAGE = (ROOT / "docs" / "operations.md").read_text()
_READ = re.compile(r'"((?:LINLI|AMQP|MONGODB)_[A-Z0-9_]*[A-Z0-9])"')


def settings() -> set[str]:
    """The variables that the code of any part names."""
    files = (file for part in ("chassis", "services", "gateway") for file in (ROOT / part).rglob("*.py"))
    return {name for file in files for name in _READ.findall(file.read_text())}


@pytest.mark.parametrize("name", sorted(settings()))
def test_every_setting_is_told(name: str) -> None:
    assert f"`{name}`" in PAGE


def test_no_setting_is_told_that_nobody_reads() -> None:
    told = set(re.findall(r"`(LINLI_[A-Z0-9_]+)`", PAGE.partition("## Variables")[2]))
    assert told <= settings() | {"LINLI_HOME"}
