"""docs/operations.md documents every setting."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from launcher.servers.processes import ROOT
from services.org.users.user import FIRST_WAIT, FREE_FAILURES, LONGEST_WAIT, SignInFailed

PAGE = (ROOT / "docs" / "operations.md").read_text()
_READ = re.compile(r'"((?:LINLI|AMQP|MONGODB)_[A-Z0-9_]*[A-Z0-9])"')


PARTS = ("chassis", "services", "gateway")


def settings(*folders: str) -> set[str]:
    """Returns the variables that the code in these folders reads."""
    files = (file for folder in folders for file in (ROOT / folder).rglob("*.py"))
    return {name for file in files for name in _READ.findall(file.read_text())}


def test_the_lock_out_is_documented_as_it_is() -> None:
    told = PAGE.partition("## Locked out")[2].partition("\n## ")[0].replace("\n", " ")
    minute = timedelta(minutes=1)
    assert f"After {FREE_FAILURES} wrong passwords in a row a login is locked for {FIRST_WAIT // minute} minute" in told
    assert f"at most {LONGEST_WAIT // minute} minutes" in told
    assert SignInFailed.code in told


@pytest.mark.parametrize("name", sorted(settings(*PARTS)))
def test_every_setting_is_documented(name: str) -> None:
    assert f"`{name}`" in PAGE


def test_no_unused_setting_is_documented() -> None:
    told = set(re.findall(r"`(LINLI_[A-Z0-9_]+)`", PAGE.partition("## Variables")[2]))
    assert told <= settings(*PARTS, "launcher")
