"""`./linli audit verify` while the installation is down."""

from __future__ import annotations

from pathlib import Path

import pytest

from launcher.__main__ import main


def test_an_installation_that_is_down_is_reported_with_how_to_start_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "running").mkdir()
    monkeypatch.setenv("LINLI_HOME", str(tmp_path))
    for variable in ("AMQP_URI", "MONGODB_URI"):
        monkeypatch.delenv(variable, raising=False)
    assert main(["audit", "verify"]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("Nothing was verified: the broker")
    assert "./linli up" in told.err
