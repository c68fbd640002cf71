"""SIGKILL anywhere: what was accepted is stored, exactly its events are published, each effect happens once."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chassis.envelope import decode
from chassis.messaging.tenant_log import declare_tenant_log
from launcher.servers.broker import Broker
from launcher.servers.database import Database
from launcher.servers.process import wait_until
from tests.servers.caller import Caller
from tests.servers.machine import Machine
from tests.servers.site import Running, Site

CRASHING = "tests.faults.crashing:Sample"
TENANT = "wuhai"


class Ledger:
    """What the service has answered: the truth that the database and the log are held against."""

    def __init__(self, caller: Caller) -> None:
        self.caller = caller
        self.accepted: dict[str, str] = {}
        self._unanswered: dict[str, dict[str, Any]] = {}

    def begin(self, count: int) -> None:
        """Sends calls and waits for none of them."""
        calls = [self.caller.call("open", key=uuid.uuid4().hex, name="a") for _ in range(count)]
        self._unanswered |= {call["key"]: call for call in calls}
        self.caller.send(calls)

    def open(self, count: int) -> None:
        self.begin(count)
        self.repeat(seconds=3)

    def repeat(self, seconds: float = 20) -> bool:
        """Repeats what has no answer, with its key; True when all has one."""
        calls = [call | {"deadline": 2e9 * 2} for call in self._unanswered.values()]
        for call, reply in zip(calls, self.caller.many(calls, seconds) if calls else [], strict=True):
            if reply and "ok" in reply:
                self.accepted[call["key"]] = reply["ok"]["tally"]
                del self._unanswered[call["key"]]
        return not self._unanswered

    def adds(self) -> list[dict[str, Any]]:
        """Calls that add 1, 2, … to the tallies, the same each time."""
        call = self.caller.call
        return [call("add", key=tally, tally=tally, by=by) for by, tally in enumerate(self.accepted.values(), start=1)]

    def check(self, site: Site) -> None:
        """Every accepted tally is stored once; the log holds exactly its events, in order, none missing."""
        stored = {row["_id"].partition(":")[2]: row for row in site.collections("cases").tally.find({})}
        assert stored.keys() == set(self.accepted.values())
        events: dict[str, dict[str, int]] = {key: {} for key in stored}
        for envelope in map(decode, site.log(TENANT)):
            events[envelope.subject].setdefault(envelope.id, envelope.sequence)
        for key, row in stored.items():
            assert list(events[key].values()) == list(range(1, row["sequence"] + 1))


@pytest.fixture
def armed(tmp_path: Path) -> Path:
    return tmp_path / "armed"


@pytest.fixture
def ledger(site: Site) -> Iterator[Ledger]:
    declare_tenant_log(site.amqp("org"), TENANT)
    caller = Caller(site.amqp("gateway"), site.keys, tenant=TENANT)
    yield Ledger(caller)
    caller.close()


def crashing(site: Site, place: str, armed: Path) -> Running:
    running = site.launch("cases", runs=CRASHING, LINLI_TEST_CRASH=place, LINLI_TEST_ARMED=str(armed))
    running.wait_until_ready()
    return running


@pytest.mark.parametrize("place", ["between commit and publish", "between publish and pull"])
def test_a_service_killed_on_the_way_to_the_broker_loses_no_event_and_invents_none(
    site: Site, ledger: Ledger, armed: Path, place: str
) -> None:
    service = crashing(site, place, armed)
    ledger.open(10)
    armed.touch()
    ledger.open(10)
    assert wait_until(lambda: not service.process.alive, 60)
    service.restart()
    assert ledger.repeat()
    ledger.open(5)
    ledger.check(site)


def test_a_service_killed_in_a_command_does_it_once_when_it_is_repeated(
    site: Site, ledger: Ledger, armed: Path
) -> None:
    service = crashing(site, "in a command", armed)
    ledger.open(1)
    tally = next(iter(ledger.accepted.values()))
    call = ledger.caller.call("add", key="k", tally=tally, by=5)
    armed.touch()
    ledger.caller.send([call])
    assert wait_until(lambda: not service.process.alive, 60)
    service.restart()
    assert ledger.caller.many([call])[0]["ok"] == {"count": 5}
    assert ledger.caller.many([call])[0]["ok"] == {"count": 5}


def test_a_service_killed_in_a_handler_has_its_effect_once(site: Site, ledger: Ledger, armed: Path) -> None:
    service = crashing(site, "in a handler", armed)
    ledger.caller("sum", name="a")
    ledger.open(10)
    armed.touch()
    for call in ledger.adds():
        ledger.caller.send([call])
    assert wait_until(lambda: not service.process.alive, 60)
    service.restart()
    # Some were not done before the kill.
    assert all("ok" in reply for reply in ledger.caller.many(ledger.adds()))
    assert wait_until(lambda: _total(site) == sum(range(1, 11)), 60), _total(site)


def _total(site: Site) -> int:
    row = site.collections("cases").sum.find_one({"_id": f"{TENANT}:a"})
    return int(row["total"]) if row else -1


@pytest.mark.parametrize("victim", ["broker", "database"])
def test_a_server_killed_under_load_loses_nothing_that_was_accepted(
    own_site: Site, own_broker: Machine[Broker], own_database: Machine[Database], victim: str
) -> None:
    machine: Machine[Any] = own_broker if victim == "broker" else own_database
    declare_tenant_log(own_site.amqp("org"), TENANT)
    own_site.launch("cases", runs=CRASHING).wait_until_ready()
    ledger = Ledger(Caller(own_site.amqp("gateway"), own_site.keys, tenant=TENANT))
    for _ in range(3):
        ledger.open(40)
    ledger.begin(60)
    machine.kill()
    machine.start()
    ledger.caller = Caller(own_site.amqp("gateway"), own_site.keys, tenant=TENANT)
    assert wait_until(lambda: ledger.repeat(seconds=5), 60)
    ledger.open(40)
    assert ledger.repeat()
    ledger.check(own_site)
