"""`docs/add-a-service.md` is true: its blocks, in a copy of this tree, are a service that runs beside the others."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pymongo
import pytest

from launcher.api import Api, Refused
from launcher.demo.sign_ins import COMMUNITY
from launcher.installation import Installation
from launcher.servers.database import ADMINISTRATOR
from launcher.servers.process import wait_until
from launcher.servers.processes import ROOT
from launcher.service_list import NAMES
from tests.e2e.conftest import copied

pytestmark = pytest.mark.skipif("sample" in NAMES, reason="the page's own service is already in this tree")

Command = Callable[..., subprocess.CompletedProcess[str]]

_BLOCK = re.compile(r"```(?:python|toml|json)\n# (?P<path>\S+)\n(?P<text>.*?)```", re.DOTALL)
#: Lines below one that a file of this tree has.
_ADDED = re.compile(r"```diff\n# (?P<path>\S+)\n (?P<above>.*\n)(?P<lines>(?:\+.*\n)+)```")
#: Its tests: it is whole without them.
_TESTS = "tests/"
#: The tests in which it takes part: those of what one of the other services alone does know nothing of it.
_WITH_IT = (
    "tests/contract",
    *(f"--ignore=tests/contract/{service}" for service in NAMES),
    "tests/unit/launcher",
    # Of processes, however many services there are.
    "--ignore=tests/unit/launcher/test_process_register.py",
    "--ignore=tests/unit/launcher/test_rotate_keys.py",
    "tests/unit/test_service_bases.py",
    "tests/unit/test_visibility.py",
    "tests/unit/test_documents.py",
)
_OF_STORIES = ("tests/contract/test_events.py", "tests/contract/test_event_visibility.py")
_REPORTED = "有新的事项上报"
_SECONDS = 60
#: Ends the process where it hurts most: the effect of the event is stored, and the event not yet acknowledged.
_KILLED = """
import os
import signal
from pathlib import Path

from services.sample.notices import commands

_create = commands.create


def _create_and_die(*arguments):
    answer = _create(*arguments)
    order = Path(__file__).parents[2] / "die"
    if order.exists():
        order.unlink()
        os.kill(os.getpid(), signal.SIGKILL)
    return answer


commands.create = _create_and_die
"""


def page() -> str:
    return (ROOT / "docs" / "add-a-service.md").read_text(encoding="utf-8")


def blocks() -> dict[str, str]:
    return {found["path"]: found["text"] for found in _BLOCK.finditer(page())}


def add_lines(tree: Path) -> None:
    for found in _ADDED.finditer(page()):
        file = tree / found["path"]
        before, above, after = file.read_text(encoding="utf-8").partition(found["above"])
        assert above, f"{found['path']} has no line {found['above']}"
        lines = re.sub(r"^\+", "", found["lines"], flags=re.MULTILINE)
        file.write_text(before + above + lines + after, encoding="utf-8")


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of this tree with the service's folder, its entry, its routes and its right, and nothing else."""
    tree = copied(tmp_path_factory.mktemp("copy") / "linli")
    for path, text in blocks().items():
        if path.startswith(_TESTS):
            continue
        file = tree / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text((file.read_text() + "\n" if file.name == "services.toml" else "") + text, encoding="utf-8")
    add_lines(tree)
    for package in ("sample", "sample/api", "sample/notices"):
        (tree / "services" / package / "__init__.py").touch()
    return tree


@pytest.fixture(scope="module")
def linli(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Command]:
    home = tmp_path_factory.mktemp("home")
    env = {name: value for name, value in os.environ.items() if name not in ("AMQP_URI", "MONGODB_URI")}
    env |= {"LINLI_HOME": str(home), "PYTHONPATH": str(tree)}

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", *words]
        return subprocess.run(command, cwd=tree, env=env, capture_output=True, text=True, timeout=540, check=False)

    yield run
    run("launcher", "down")


@pytest.fixture(scope="module")
def up(tree: Path, linli: Command, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    with (tree / "services" / "sample" / "service.py").open("a") as service:
        service.write(_KILLED)
    done = linli("launcher", "up")
    assert done.returncode == 0, done.stdout + done.stderr
    return Installation({"LINLI_HOME": str(next(tmp_path_factory.getbasetemp().glob("home*")))})


@pytest.fixture
def community(up: Installation) -> Api:
    return Api(up.gateway_url).signed_in("wuhai", "community", up.demo_password)


def notices(caller: Api) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = caller.get(f"/v1/notices?area={COMMUNITY}&limit=200")["items"]
    return found


def notice(until: datetime, title: str) -> dict[str, Any]:
    return {"area": COMMUNITY, "unit": "city-management", "title": title, "until": until.isoformat()}


def test_what_repeats_the_list_is_made_and_every_check_holds(tree: Path, linli: Command) -> None:
    made = linli("launcher", "generate")
    assert made.returncode == 0, made.stderr
    assert (tree / "k8s/base/sample.yaml").exists()
    assert (tree / "services/sample/contracts/notice.posted.v1.json").exists()
    assert "sample:" in (tree / "docker-compose.yml").read_text()
    lint = linli("launcher", "test", "lint")
    assert lint.returncode == 0, lint.stdout + lint.stderr
    tests = linli("pytest", "-q", *_WITH_IT, "--basetemp", str(tree.parent / "tests"))
    assert tests.returncode == 0, tests.stdout[-3000:]


def test_the_stories_that_it_still_lacks_are_named_and_those_of_the_page_hold(tree: Path, linli: Command) -> None:
    asked = linli("pytest", "-q", "tests/unit/test_stories.py")
    assert asked.returncode == 1
    assert "sample has no stories: add tests/contract/sample/stories.py" in asked.stdout
    for path, text in blocks().items():
        if path.startswith(_TESTS):
            (tree / path).parent.mkdir(parents=True)
            (tree / path).write_text(text, encoding="utf-8")
    for words in (
        ("ruff", "check", "tests/contract/sample"),
        ("ruff", "format", "--check", "tests/contract/sample"),
        ("pytest", "-q", "tests/unit/test_stories.py", *_OF_STORIES),
    ):
        done = linli(*words)
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr


def test_it_runs_beside_the_others(up: Installation, linli: Command) -> None:
    status = linli("launcher", "status")
    assert status.returncode == 0, status.stdout
    assert re.search("sample +ready", status.stdout)
    assert linli("launcher", "resync", "sample", "--tenant", "wuhai").returncode == 0


def test_it_is_called_through_the_gateway(community: Api) -> None:
    form = notice(datetime.now(UTC) + timedelta(days=1), "停水通知")
    made = community.call("POST", "/v1/notices", form, key="a-notice")
    assert community.call("POST", "/v1/notices", form, key="a-notice") == made
    [shown] = [each for each in notices(community) if each["title"] == "停水通知"]
    assert (shown["id"], shown["state"]) == (made["id"], "POSTED")


def test_a_unit_that_no_replica_knows_is_refused(community: Api) -> None:
    with pytest.raises(Refused) as refused:
        community.post("/v1/notices", **notice(datetime.now(UTC) + timedelta(days=1), "x") | {"unit": "nobody"})
    assert refused.value.problem["fields"][0]["field"] == "unit"


def test_a_notice_is_withdrawn_once_and_by_its_own_community_alone(up: Installation, community: Api) -> None:
    made = community.post("/v1/notices", **notice(datetime.now(UTC) + timedelta(days=1), "停电通知"))
    address = f"/v1/notices/{made['id']}/withdraw"
    with pytest.raises(Refused) as unseen:
        Api(up.gateway_url).signed_in("wuhai", "other-street", up.demo_password).post(address)
    assert unseen.value.problem["status"] == 404
    assert community.post(address)["state"] == "WITHDRAWN"
    with pytest.raises(Refused) as refused:
        community.post(address)
    assert refused.value.problem["code"] == "sample.not_posted"


def test_a_notice_is_there_for_those_alone_who_see_it(up: Installation, community: Api) -> None:
    made = community.post("/v1/notices", **notice(datetime.now(UTC) + timedelta(days=1), "道路施工"))
    assert community.get(f"/v1/notices/{made['id']}")["title"] == "道路施工"
    foreigner = Api(up.gateway_url).signed_in("wuhai", "other-street", up.demo_password)
    answers = []
    for key in (made["id"], "no-such-notice"):
        with pytest.raises(Refused) as refused:
            foreigner.get(f"/v1/notices/{key}")
        answers.append({name: refused.value.problem[name] for name in ("status", "code")})
    assert answers[0] == answers[1]
    assert answers[0]["status"] == 404


def test_its_timer_lets_a_notice_expire(community: Api) -> None:
    made = community.post("/v1/notices", **notice(datetime.now(UTC) + timedelta(seconds=1), "今日活动"))

    def expired() -> bool:
        return [each["state"] for each in notices(community) if each["id"] == made["id"]] == ["EXPIRED"]

    assert wait_until(expired, _SECONDS)


def test_killed_in_its_handler_its_effect_happens_once(
    tree: Path, up: Installation, community: Api, linli: Command
) -> None:
    (tree / "die").touch()
    sample = up.register.find("sample")
    assert sample
    community.post("/v1/cases", category="component.utility.manhole-cover", text="井盖松动", place={"path": COMMUNITY})
    assert wait_until(lambda: not sample.alive, _SECONDS), "nothing was handled"
    assert linli("launcher", "up").returncode == 0
    broker = up.broker
    assert broker

    def handled() -> bool:
        queues = broker.call("GET", "/api/queues/%2F?disable_stats=true&enable_queue_totals=true")
        return [queue["messages"] for queue in queues if queue["name"] == "sample"] == [0]

    assert wait_until(handled, _SECONDS)
    assert len([each for each in notices(community) if each["title"] == _REPORTED]) == 1
    assert up.database
    with pymongo.MongoClient[dict[str, Any]](up.database.uri(ADMINISTRATOR)) as client:
        boards = client["linli_sample"]["boards"]
        assert wait_until(lambda: boards.count_documents({}), _SECONDS)
        assert [board["reports"] for board in boards.find()] == [1]
