"""A changed checkout is noticed: a part counts as changed when the files that it runs have changed, and only then."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import pytest

from launcher.servers import code
from launcher.servers.broker_topology import GATEWAY
from launcher.servers.processes import PARTS

FILES = ("chassis/run.py", "vocabulary/roles.py", "requirements/dev.txt", "services.toml", "launcher/api.py",
         "gateway/app.py", "services/org/service.py", "services/org/api/users.py", "services/cases/service.py",
         "services/cases/api/case.py")  # fmt: skip
CHANGED = {
    "chassis/run.py": PARTS,
    "vocabulary/roles.py": PARTS,
    "requirements/dev.txt": PARTS,
    "services/org/service.py": ("org",),
    "services/cases/api/case.py": {"cases"} | {GATEWAY},
    "gateway/app.py": ("gateway",),
    "launcher/api.py": (),
}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for name in FILES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    return tmp_path


def fingerprints(root: Path) -> dict[str, str]:
    return {part: code.of_part(part, root) for part in PARTS}


@pytest.mark.parametrize(("file", "parts"), CHANGED.items())
def test_what_runs_a_changed_file_has_changed(checkout: Path, file: str, parts: Collection[str]) -> None:
    before, launcher = fingerprints(checkout), code.of_launcher(checkout)
    (checkout / file).write_text("other")
    after = fingerprints(checkout)
    assert {part for part in PARTS if before[part] != after[part]} == set(parts)
    assert (code.of_launcher(checkout) != launcher) is not file.startswith(("services/", "gateway/"))


def test_a_new_and_a_renamed_file_count_and_a_touched_or_compiled_one_does_not(checkout: Path) -> None:
    before = code.of_part("org", checkout)
    (checkout / "services/org/service.py").touch()
    (checkout / "services/org/service.pyc").write_text("compiled")
    assert code.of_part("org", checkout) == before
    (checkout / "services/org/new.py").touch()
    new = code.of_part("org", checkout)
    (checkout / "services/org/new.py").rename(checkout / "services/org/newer.py")
    assert len({before, new, code.of_part("org", checkout)}) == 3
