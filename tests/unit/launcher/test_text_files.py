"""Files of state: replaced as a whole, and told apart from damage in one line."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from launcher import text_files
from launcher.installation import Installation
from launcher.servers.database import engine_of
from launcher.servers.missed_events import MissedEvents
from launcher.servers.processes import ROOT
from launcher.text_files import Damaged

# Replaces a file; is killed at the n-th call to the system that says anything of itself.
KILLED = """
import os, signal, sys
from pathlib import Path
from launcher import text_files
left = int(sys.argv[2])
def count(event, words):
    global left
    if event in ("open", "os.rename", "tempfile.mkstemp"):
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
fsync = os.fsync
os.fsync = lambda descriptor: (count("open", ()), fsync(descriptor), count("open", ()))
sys.addaudithook(count)
text_files.replace(Path(sys.argv[1]), "new" * 1000)
"""


def test_a_file_holds_the_old_or_the_new_content_whenever_its_writer_is_killed(tmp_path: Path) -> None:
    file = tmp_path / "state"
    code, moment, seen = -signal.SIGKILL, 0, set()
    while code == -signal.SIGKILL:
        moment += 1
        file.write_text("old")
        words = [sys.executable, "-c", KILLED, str(file), str(moment)]
        code = subprocess.run(words, env=os.environ | {"PYTHONPATH": str(ROOT)}, check=False).returncode
        seen.add(file.read_text())
    assert (code, seen) == (0, {"old", "new" * 1000})


def test_only_its_owner_reads_what_was_written(tmp_path: Path) -> None:
    text_files.replace(tmp_path / "in" / "state", b"x")
    assert (tmp_path / "in" / "state").stat().st_mode & 0o777 == 0o600
    assert list((tmp_path / "in").iterdir()) == [tmp_path / "in" / "state"]


def test_a_failed_write_leaves_no_draft(tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    with pytest.raises(OSError, match="state"):
        text_files.replace(tmp_path / "state", "x")
    assert [path.name for path in tmp_path.iterdir()] == ["state"]


DAMAGE = ["", "{", "null", '"x"', '{"gateway": "x"}', '{"gateway": 0}', '{"gateway": true}', "[" * 100_000]


@pytest.mark.parametrize("damage", DAMAGE, ids=range(len(DAMAGE)))
def test_damaged_ports_are_told_with_what_to_do(tmp_path: Path, damage: str) -> None:
    (tmp_path / "ports.json").write_text(damage)
    with pytest.raises(Damaged, match=r"ports\.json is damaged\. Delete it"):
        Installation({"LINLI_HOME": str(tmp_path)})


@pytest.mark.parametrize("damage", ["", "{}", '["x"]', "[[1]]", "\0"])
def test_a_damaged_list_of_missed_events_is_told_with_what_to_do(tmp_path: Path, damage: str) -> None:
    (tmp_path / "missed.json").write_text(damage)
    with pytest.raises(Damaged, match=r"missed\.json is damaged\. Delete it, and resync"):
        _ = MissedEvents(tmp_path / "missed.json").all


@pytest.mark.parametrize("damage", ["", "postgres", "\xff"])
def test_a_damaged_record_of_the_engine_is_told_before_another_engine_opens_the_data(
    tmp_path: Path, damage: str
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "engine").write_text(damage, encoding="latin-1")
    with pytest.raises(Damaged, match="one of mongod, secantusd-rs, secantusd-py"):
        engine_of(tmp_path)


def test_what_was_missed_is_kept_until_it_is_made_up_for(tmp_path: Path) -> None:
    missed = MissedEvents(tmp_path / "missed.json")
    assert missed.all == []
    missed.note(["cases"], ["wuhai", "yaan"])
    missed.note(["notify"], ["wuhai"])
    missed.note(["cases"], ["wuhai"])
    missed.make_up("cases", "wuhai")
    missed.make_up("cases", "nyc")
    later = MissedEvents(tmp_path / "missed.json")
    assert [tuple(each) for each in later.all] == [("cases", "yaan"), ("notify", "wuhai")]
    assert str(later.all[0]) == "cases      may have missed events of yaan; run ./linli resync cases --tenant yaan"
