"""The first case of README.md, pasted into bash as a reader does."""

from __future__ import annotations

import os
import subprocess

import pytest

from launcher.servers.processes import ROOT
from tests.servers.site import Site

BLOCK = next(
    part for part in (ROOT / "README.md").read_text(encoding="utf-8").split("```")[1::2] if "sign_in()" in part
)
# The block ends with a stream that a reader ends with Ctrl-C.
STREAM = "curl -sN $U/v1/events"


def paste(block: str, site: Site, password: str) -> subprocess.CompletedProcess[str]:
    assert block.count(STREAM) == 1
    shell = block.replace(STREAM, f"timeout 5 {STREAM}")
    env = {"PATH": os.environ["PATH"], "U": site.url, "P": password}
    return subprocess.run(["bash"], input=shell, env=env, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.usefixtures("wuhai")
def test_it_closes_a_case_in_english_and_shows_its_events(running_site: Site, demo_password: str) -> None:
    done = paste(BLOCK, running_site, demo_password)
    assert "is closed; every step was taken." in done.stdout, done.stdout + done.stderr
    assert "event: " in done.stdout
    assert done.stderr == ""


@pytest.mark.parametrize("lacking", ["U", "P"])
def test_without_address_or_password_it_says_which_is_not_set_and_where_it_is(lacking: str) -> None:
    env = {"PATH": os.environ["PATH"], "U": "http://127.0.0.1:9", "P": "x"}
    del env[lacking]
    done = subprocess.run(["bash"], input=BLOCK, env=env, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode != 0
    assert done.stderr.endswith(f"{lacking}: is not set: first paste the line with U= and P= that ./linli up prints\n")


WRONG = [
    ('"lead": "city-management"', '"lead": "x"'),
    ("sign_in grid", "sign_in nobody"),
    ("sign_in inspector", "sign_in nobody"),
    ("sign_in other-street", "sign_in street"),
    ('"passed": true', '"passed": false'),
]


@pytest.mark.usefixtures("wuhai")
@pytest.mark.parametrize(("right", "wrong"), WRONG)
def test_it_stops_at_a_wrong_answer_and_says_so(running_site: Site, demo_password: str, right: str, wrong: str) -> None:
    assert right in BLOCK
    done = paste(BLOCK.replace(right, wrong), running_site, demo_password)
    assert done.returncode != 0
    assert "every step was taken" not in done.stdout
    assert done.stderr.endswith("Stopped: the last answer above is not as it should be.\n")
    assert "Traceback" not in done.stderr


@pytest.mark.usefixtures("wuhai")
@pytest.mark.parametrize(("right", "wrong"), WRONG)
def test_after_it_stopped_half_way_it_is_pasted_again(
    running_site: Site, demo_password: str, right: str, wrong: str
) -> None:
    assert paste(BLOCK.replace(right, wrong), running_site, demo_password).returncode != 0
    again = paste(BLOCK, running_site, demo_password)
    assert "is closed; every step was taken." in again.stdout, again.stdout + again.stderr
