"""docs/operations.md documents every setting."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from launcher.servers.processes import ROOT
from services.org.users.failed_sign_ins import FREE_FAILURES, WAIT
from services.org.users.model import SignInFailed

PAGE = (ROOT / "docs" / "operations.md").read_text()
_LOGGED = re.compile(r'\blog\.\w+\(\s*"([^"]+)"')
_READ = re.compile(r'"((?:LINLI|AMQP|MONGODB)_[A-Z0-9_]*[A-Z0-9])"')


PARTS = ("chassis", "services", "gateway")


def settings(*folders: str) -> set[str]:
    """Returns the variables that the code in these folders reads."""
    files = (file for folder in folders for file in (ROOT / folder).rglob("*.py"))
    return {name for file in files for name in _READ.findall(file.read_text())}


def log_lines(*folders: str) -> list[re.Pattern[str]]:
    """Returns a pattern for each line that the code in these folders logs."""
    files = (file for folder in folders for file in (ROOT / folder).rglob("*.py"))
    formats = (line for file in files for line in _LOGGED.findall(file.read_text()))
    return [re.compile(re.sub("%[sdr]", r"\\S+", re.escape(line))) for line in formats]


def test_every_log_line_that_the_page_quotes_is_one_that_the_code_writes() -> None:
    quoted = re.findall(r"\blogs\s+`([^`]+)`", PAGE)
    assert quoted
    written = log_lines(*PARTS)
    assert [line for line in quoted if not any(each.fullmatch(line) for each in written)] == []


def test_the_limit_on_guesses_is_documented_as_it_is() -> None:
    section = PAGE.partition("## Guessed passwords")[2].partition("\n## ")[0].replace("\n", " ")
    assert timedelta(minutes=1) == WAIT
    assert f"{FREE_FAILURES} wrong passwords" in section
    assert f"at most {FREE_FAILURES} + 60 guesses an hour" in section
    assert SignInFailed.code in section


@pytest.mark.parametrize("name", sorted(settings(*PARTS)))
def test_every_setting_is_documented(name: str) -> None:
    assert f"`{name}`" in PAGE


def test_no_unused_setting_is_documented() -> None:
    told = set(re.findall(r"`(LINLI_[A-Z0-9_]+)`", PAGE.partition("## Variables")[2]))
    assert told <= settings(*PARTS, "launcher")
