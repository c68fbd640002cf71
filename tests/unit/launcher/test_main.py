"""The command line: a word that is no command is named, with the one that was probably meant."""

from __future__ import annotations

import pytest

from launcher.__main__ import COMMANDS, main


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
