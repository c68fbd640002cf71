"""The decisions that code and docs cite are in docs/decisions/."""

from __future__ import annotations

import re
from collections.abc import Iterator

from launcher.servers.processes import ROOT

CITED = re.compile(r"\bdecisions?[ /](\d{4})\b", re.IGNORECASE)
TOPS = ["chassis", "services", "gateway", "vocabulary", "launcher", "bench", "tests", "deploy", "docs"]
KINDS = {".py", ".md", ".toml", ".yaml", ".yml", ".lua"}


def citations() -> Iterator[tuple[str, str]]:
    """Returns each cited number with the file that cites it."""
    inside = (file for top in TOPS for file in (ROOT / top).rglob("*") if file.suffix in KINDS)
    for file in (*inside, *(file for file in ROOT.iterdir() if file.suffix in KINDS)):
        for number in CITED.findall(file.read_text(encoding="utf-8")):
            yield number, str(file.relative_to(ROOT))


def test_every_cited_decision_exists() -> None:
    written = {file.name[:4] for file in (ROOT / "docs" / "decisions").glob("*.md")}
    cited = list(citations())
    assert cited
    assert [(number, file) for number, file in cited if number not in written] == []
