"""`./linli secrets`: run again it changes nothing that is right, and it never touches what is not its own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from launcher.commands.secrets import NotPrivate, make
from launcher.servers.broker_topology import is_hash_of
from launcher.text_files import Damaged


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make(tmp_path / "made")
    return tmp_path / "made"


def state(folder: Path) -> dict[str, tuple[int, int, bytes, int]]:
    found = {}
    for file in folder.iterdir():
        about = file.stat()
        found[file.name] = (about.st_ino, about.st_mtime_ns, file.read_bytes(), about.st_mode)
    return found


def test_run_again_it_changes_nothing(folder: Path) -> None:
    before = state(folder)
    make(folder)
    assert state(folder) == before


def test_a_lost_secret_is_made_anew_and_the_others_stay(folder: Path) -> None:
    before = state(folder)
    (folder / "org.amqp-uri").unlink()
    (folder / "broker.cases.password").unlink()
    make(folder)
    after = state(folder)
    changed = {name for name in after if after[name][2] != before[name][2]}
    assert changed == {"broker.cases.password", "cases.amqp-uri", "definitions.json"}
    users = {each["name"]: each["password_hash"] for each in json.loads(after["definitions.json"][2])["users"]}
    old = {each["name"]: each["password_hash"] for each in json.loads(before["definitions.json"][2])["users"]}
    assert is_hash_of(users["cases"], (folder / "broker.cases.password").read_text())
    assert {name for name in users if users[name] != old[name]} == {"cases"}


def test_containers_read_the_files_and_only_the_owner_enters_the_folder(folder: Path) -> None:
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in folder.iterdir()} == {0o444}


def test_a_folder_that_others_may_enter_is_refused_and_stays_as_it_is(tmp_path: Path) -> None:
    open_ = tmp_path / "open"
    open_.mkdir(mode=0o755)
    (open_ / "mine").write_text("x")
    (open_ / "mine").chmod(0o600)
    with pytest.raises(NotPrivate, match="chmod 700"):
        make(open_)
    assert [(file.name, file.stat().st_mode & 0o777) for file in open_.iterdir()] == [("mine", 0o600)]


def test_a_link_in_the_folder_is_refused_and_what_it_leads_to_stays_as_it_is(folder: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_text("x")
    outside.chmod(0o600)
    (folder / "org.amqp-uri").unlink()
    (folder / "org.amqp-uri").symlink_to(outside)
    with pytest.raises(NotPrivate, match=r"org\.amqp-uri"):
        make(folder)
    assert (outside.read_text(), outside.stat().st_mode & 0o777) == ("x", 0o600)


def test_other_files_in_the_folder_keep_their_mode(folder: Path) -> None:
    (folder / "note").write_text("x")
    (folder / "note").chmod(0o640)
    make(folder)
    assert (folder / "note").stat().st_mode & 0o777 == 0o640


def test_damaged_definitions_are_told(folder: Path) -> None:
    (folder / "definitions.json").chmod(0o600)
    (folder / "definitions.json").write_text("{")
    with pytest.raises(Damaged, match=r"definitions\.json is damaged"):
        make(folder)
