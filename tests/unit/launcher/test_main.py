"""The command line: a wrong word, a file or a server that is not there is named in one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from chassis.process.version import VERSION
from launcher.__main__ import COMMANDS, FOR_OPERATORS, main


def test_an_unknown_command_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["stauts"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == "There is no command 'stauts'; ./linli lists them. Did you mean status?\n"


@pytest.mark.parametrize("words", [[], ["--help"], ["-h"]])
def test_without_a_command_all_are_listed(capsys: pytest.CaptureFixture[str], words: list[str]) -> None:
    assert main(words) == 0
    listed = [line.split()[0] for line in capsys.readouterr().out.splitlines()[2:]]
    assert listed == list(COMMANDS)


def test_the_operators_image_offers_only_what_runs_in_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LINLI_PART", "operator")
    assert main([]) == 0
    listed = [line.split()[0] for line in capsys.readouterr().out.splitlines()[2:]]
    assert listed == [name for name in COMMANDS if name in FOR_OPERATORS]
    assert main(["status"]) == 2
    assert capsys.readouterr().err == "'status' runs only in a checkout of Linli; linli lists what runs here.\n"


def test_the_version_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"Linli {VERSION}\n"


NOWHERE = "http://127.0.0.1:9"
NOT_THERE = [
    (["parked", "list"], {"AMQP_URI": "amqp://u:p@127.0.0.1:9/"}, "The broker does not answer"),
    (["parked", "list"], {"AMQP_URI": "amqp://u:p@host.invalid/"}, "The broker does not answer"),
    (["parked", "list"], {"AMQP_URI": "host"}, "AMQP_URI is no address"),
    (["audit", "verify"], {"AMQP_URI": "amqp://u:p@127.0.0.1:9/", "MONGODB_URI": "host"}, "LINLI_AUDIT_KEY_FILE"),
    (["resync", "cases", "--tenant", "wuhai", "--url", NOWHERE], {}, "No gateway answers"),
    (["resync", "cases", "--tenant", "wuhai", "--url", "host"], {}, "No gateway answers at host"),
    (
        ["resync", "cases", "--tenant", "wuhai", "--url", NOWHERE],
        {"LINLI_OPERATOR_KEY_FILE": "/nowhere"},
        "/nowhere: No",
    ),
    (["load-demo", "wuhia", "--url", NOWHERE], {}, "There is no demo city 'wuhia'"),
    (["load-demo", "wuhai", "--url", NOWHERE], {}, "No gateway answers"),
    (["demo", "--url", NOWHERE, "--password-file", "/nowhere"], {}, "/nowhere: No such file"),
    (["import-cases", "--tenant", "nyc", "--url", NOWHERE, "/nowhere"], {}, "No"),
    (["import-divisions", "--tenant", "wuhai", "--url", NOWHERE, "/nowhere"], {}, "No"),
    (["broker-definitions"], {}, "set BROKER_PASSWORD_ORG"),
    (["logs"], {}, "nothing has been logged yet"),
]


@pytest.mark.parametrize(("words", "environment", "said"), NOT_THERE, ids=lambda each: str(each)[:60])
def test_what_is_not_there_is_told_in_one_line(
    words: list[str],
    environment: dict[str, str],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name in ("AMQP_URI", "MONGODB_URI"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "running").mkdir()
    for name, value in ({"LINLI_HOME": str(tmp_path)} | environment).items():
        monkeypatch.setenv(name, value)
    assert main(words) == 1
    told = capsys.readouterr().err
    assert said in told
    assert told.count("\n") == 1


@pytest.mark.parametrize("words", [["status"], ["down"], ["logs"]])
def test_without_an_installation_a_command_says_so_and_makes_nothing(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("AMQP_URI", "MONGODB_URI", "LINLI_OPERATOR_KEY_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LINLI_HOME", str(tmp_path))
    (tmp_path / "compose").mkdir()  # what `down --purge` keeps
    assert main(words) == 1
    assert capsys.readouterr().err == "nothing is set up yet; run ./linli up first\n"
    assert [each.name for each in tmp_path.iterdir()] == ["compose"]
