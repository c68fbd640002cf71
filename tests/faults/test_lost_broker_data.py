"""The broker loses its data, or somebody deletes a queue: it is made again, nothing accepted after it is lost."""

from __future__ import annotations

import shutil
from pathlib import Path

import httpx

from launcher.servers.process import wait_until
from launcher.service_list import NAMES
from tests.faults.conftest import Town
from tests.servers.city import COUNTY


def log_of(town: Town, name: str) -> str:
    return "".join(running.part.log.read_text() for running in town.parts if running.part.name == name)


def delete(town: Town, queue: str) -> None:
    town.broker.server.control("delete_queue", "--vhost", town.city.site.name, queue)


def accepted(town: Town) -> str:
    """The case of a report, repeated until somebody takes it."""
    answers: list[httpx.Response] = []
    town.city.wait(lambda: answers.append(town.city.report()) or answers[-1].is_success, 60)  # type: ignore[func-returns-value]
    return str(answers[-1].json()["id"])


def published(town: Town, subject: str) -> bool:
    return any(event.subject == subject for event in town.city.events())


def test_after_a_loss_of_all_data_the_log_is_made_again_and_holds_every_new_event(town: Town) -> None:
    city, machine = town.city, town.broker
    before = city.report().json()["id"]
    assert published(town, before)
    machine.kill()
    shutil.rmtree(Path(machine.server.folder) / "data")
    machine.start()
    machine.server.import_definitions(city.site.name)
    case = accepted(town)
    assert wait_until(lambda: "lost the log of wuhai" in log_of(town, "org"), 30)
    assert published(town, case)
    for service in NAMES:
        assert wait_until(lambda service=service: f"lost the queue of {service}" in log_of(town, service), 30)  # type: ignore[misc]
        assert f"./linli resync {service} --tenant" in log_of(town, service)


def test_a_deleted_log_keeps_the_events_in_their_outboxes_until_it_is_made_again(town: Town) -> None:
    delete(town, "log.wuhai")
    cases = [accepted(town) for _ in range(5)]
    assert set(cases) <= {event.subject for event in town.city.events()}


def test_a_deleted_queue_is_made_again_and_said(town: Town) -> None:
    told = log_of(town, "cases").count("lost the queue of cases")
    delete(town, "cases")
    assert wait_until(lambda: log_of(town, "cases").count("lost the queue of cases") > told, 30)
    town.city.said("admin", "/v1/units", {"unit": "parks", "name": "园林", "kind": "department", "path": COUNTY})
    units = town.city.site.collections("cases")["units"]
    assert wait_until(lambda: units.find_one({"_id": "wuhai:parks"}) is not None, 30)


def test_a_queue_deleted_while_its_service_stood_still_is_made_again_and_said(town: Town) -> None:
    cases = next(running for running in town.parts if running.part.name == "cases")
    told = log_of(town, "cases").count("lost the queue of cases")
    cases.stop()
    delete(town, "cases")
    cases.restart()
    assert log_of(town, "cases").count("lost the queue of cases") == told + 1
    cases.stop()
    cases.restart()
    assert log_of(town, "cases").count("lost the queue of cases") == told + 1
