"""docs/architecture.md names files that are there, each once."""

from __future__ import annotations

import re
from collections import Counter

from launcher.servers.processes import ROOT

PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
FILES = Counter(re.findall(r"`([\w/.]+\.py)`", PAGE))


def test_every_file_that_the_page_names_is_there() -> None:
    assert [file for file in FILES if not (ROOT / file).is_file()] == []


def test_each_file_is_named_once() -> None:
    assert [file for file, times in FILES.items() if times > 1] == []


def test_ten_files_tell_what_a_creation_does() -> None:
    table = PAGE[: PAGE.index("## The path of a creation")]
    assert len(re.findall(r"^\| `", table, re.MULTILINE)) == 10
