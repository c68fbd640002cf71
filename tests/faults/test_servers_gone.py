"""The broker or the database goes under a running site: callers are told, nothing accepted is lost, all comes back."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from chassis.errors import Unavailable
from gateway.http.problems import NoAnswer
from gateway.rpc.client import TIMEOUT
from launcher.servers.processes import PARTS
from launcher.service_list import NAMES
from tests.faults.conftest import Town
from tests.faults.ledger import BACK, Ledger
from tests.servers.machine import Machine


@pytest.fixture(scope="module")
def ledger(town: Town) -> Ledger:
    return Ledger(town.city)


def machine_of(town: Town, name: str) -> Machine[Any]:
    return town.broker if name == "broker" else town.database


@contextmanager
def stopped(machine: Machine[Any]) -> Iterator[None]:
    """SIGSTOP: it holds its connections and answers nothing."""
    machine.process.signal(signal.SIGSTOP)
    try:
        yield
    finally:
        machine.process.signal(signal.SIGCONT)


def says(town: Town, *parts: str) -> bool:
    """Whether each of these tells that something that it needs is not up."""
    health = town.health()
    return all(any(state != "up" for state in health[part].values()) for part in parts)


@pytest.mark.parametrize(("server", "tell"), [("broker", PARTS), ("database", NAMES)])
def test_a_server_killed_under_load_is_503_until_it_is_back_and_loses_nothing(
    town: Town, ledger: Ledger, server: str, tell: tuple[str, ...]
) -> None:
    ledger.report(2)
    assert not ledger.refused
    before, machine = len(ledger.accepted), machine_of(town, server)
    with ThreadPoolExecutor(4) as load:
        reporting = [load.submit(ledger.report, 4) for _ in range(4)]
        town.city.wait(lambda: len(ledger.accepted) > before + 2)
        machine.kill()
    for each in reporting:
        each.result()
    town.city.wait(lambda: says(town, *tell))
    started = time.monotonic()
    [refused] = ledger.report()
    assert time.monotonic() - started < TIMEOUT + 2
    assert refused.status_code == Unavailable.status
    assert int(refused.headers["retry-after"]) > 0
    assert refused.json()["code"] in ("unavailable", "service_down")
    machine.start()
    town.city.wait(town.ready, BACK)
    town.city.wait(ledger.repeat, BACK)
    ledger.report(3)
    assert not ledger.refused
    ledger.check()


@pytest.mark.parametrize("server", ["broker", "database"])
def test_a_server_that_hangs_is_told_within_the_deadline_and_goes_on_where_it_was(
    town: Town, ledger: Ledger, server: str
) -> None:
    ledger.report(2)
    with stopped(machine_of(town, server)):
        started = time.monotonic()
        [refused] = ledger.report()
        assert time.monotonic() - started < TIMEOUT + 2
        assert refused.status_code in (Unavailable.status, NoAnswer.status)
    town.city.wait(town.ready, BACK)
    town.city.wait(ledger.repeat, BACK)
    ledger.report(2)
    assert not ledger.refused
    ledger.check()


def test_while_the_brokers_disk_is_full_nothing_is_accepted_and_nothing_accepted_is_lost(
    town: Town, ledger: Ledger
) -> None:
    city, broker = town.city, town.broker.server
    # Registered, so that its clock lets cases do something by itself while the alarm is on.
    ledger.report()
    [case] = list(ledger.accepted.values())[-1:]
    city.said("community", f"/v1/cases/{case}/verify", {"found": True, "note": "现场核实"})
    city.said("street", f"/v1/cases/{case}/register", {"nobody": True})
    city.wait(lambda: city.site.published("cases"))
    broker.control("set_disk_free_limit", "1000000000000000")
    try:
        answers = ledger.report(2)
        assert [answer.status_code for answer in answers] == [Unavailable.status] * 2
        assert all(int(answer.headers["retry-after"]) > 0 for answer in answers)
        city.site.advance(timedelta(days=30))
        city.wait(lambda: not city.site.published("cases"))
        city.wait(lambda: says(town, "cases", "gateway"))
        assert town.health()["cases"]["publishing"] == "blocked by the broker's alarm"
        assert town.health()["gateway"]["broker"] == "blocked"
    finally:
        broker.control("set_disk_free_limit", "64000000")
    city.sign_out()
    city.wait(town.ready, BACK)
    city.wait(ledger.repeat, BACK)
    ledger.check()
