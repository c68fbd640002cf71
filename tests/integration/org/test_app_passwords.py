"""App passwords: stored as a digest, shown once, for one person at one post, and ended with either."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any, NamedTuple

import pytest

from chassis.errors import RemoteProblem
from chassis.security.principal import Principal
from services.org.app_passwords.model import MOST
from tests.integration.org.city import City
from tests.integration.org.people import GRID_PATH, add_user, assign, gateway, open_post, signed_in
from tests.servers.site import Site
from tests.unit.org.places import COMMUNITY, GRID

pytestmark = pytest.mark.domain("Roles")


class Worker(NamedTuple):
    subject: str
    post: str
    assignment: str
    principal: Principal


@pytest.fixture
def worker(city: City) -> Worker:
    city.open_grid(GRID, COMMUNITY, key="grid")
    return at_work(city, "grid-1")


def at_work(city: City, login: str) -> Worker:
    subject, post = add_user(city, login), open_post(city)
    assignment = assign(city, subject, post)["id"]
    return Worker(subject, post, assignment, signed_in(city, subject, post))


def make(city: City, by: Principal, key: str = "", **more: Any) -> Any:
    return city.ask("make_app_password", by=by, key=key, **{"device_name": "王小明的手机"} | more)


def whose(city: City, made: dict[str, Any], password: str = "") -> Any:
    digest = hashlib.sha256((password or made["password"]).encode()).hexdigest()
    try:
        return city.ask("principal_of_app_password", by=gateway(city), app_password=made["id"], digest=digest)
    except RemoteProblem as problem:
        return problem.wire["code"]


def refused(city: City, by: Principal, method: str, **args: Any) -> str:
    with pytest.raises(RemoteProblem) as problem:
        city.ask(method, by=by, **args)
    return str(problem.value.wire["code"])


def test_it_opens_for_its_person_at_its_post_and_is_stored_as_a_digest(
    city: City, worker: Worker, org_site: Site
) -> None:
    made = make(city, worker.principal, "once")
    assert made["username"] == f"{city.tenant}.{made['id']}"
    assert make(city, worker.principal, "once") == made
    found = whose(city, made)
    assert (found["subject"], found["post"], found["roles"]) == (worker.subject, worker.post, ["grid_worker"])
    assert whose(city, made, "x" * 22) == whose(city, {**made, "id": "NONE9"}) == "unauthenticated"
    rows = list(org_site.collections("org")["app_passwords"].find({"tenant": city.tenant}))
    assert len(rows) == 1
    for everything in (str(rows), str(org_site.log(city.tenant))):
        assert made["password"] not in everything
        assert "手机" not in everything


def test_its_person_alone_lists_and_ends_it(city: City, worker: Worker) -> None:
    made, other = make(city, worker.principal), at_work(city, "grid-2")
    [listed] = city.ask("list_app_passwords", by=worker.principal)["items"]
    assert (listed["id"], listed["device_name"], listed["post"]) == (made["id"], "王小明的手机", worker.post)
    assert city.ask("list_app_passwords", by=other.principal)["items"] == []
    assert refused(city, other.principal, "end_app_password", app_password=made["id"]) == "not_found"
    assert refused(city, worker.principal, "principal_of_app_password", app_password="X", digest="0" * 64) == (
        "user.not_the_gateway"
    )
    for _ in range(2):
        city.ask("end_app_password", by=worker.principal, app_password=made["id"])
        assert whose(city, made) == "unauthenticated"
    assert city.ask("list_app_passwords", by=worker.principal)["items"] == []


@pytest.mark.parametrize("ending", ["post", "disabling", "password", "time"])
def test_it_ends_with_the_post_the_account_the_password_and_by_itself(
    city: City, worker: Worker, org_site: Site, ending: str
) -> None:
    made = make(city, worker.principal, days=1)
    assert whose(city, made)["subject"] == worker.subject
    match ending:
        case "post":
            city.ask("end_assignment", assignment=worker.assignment)
        case "disabling":
            city.ask("disable_user", user=worker.subject)
            city.ask("enable_user", user=worker.subject)
        case "password":
            city.ask("reset_password", user=worker.subject, new="another long one")
        case "time":
            org_site.advance(timedelta(days=1))
    assert whose(city, made) == "unauthenticated"


def test_there_are_only_so_many_at_a_time(city: City, worker: Worker) -> None:
    made = [make(city, worker.principal) for _ in range(MOST)]
    assert refused(city, worker.principal, "make_app_password", device_name="x") == "app_password.too_many"
    city.ask("end_app_password", by=worker.principal, app_password=made[0]["id"])
    make(city, worker.principal)


def test_a_role_that_fills_in_no_forms_has_none(city: City, worker: Worker) -> None:
    stranger = city.someone("centre", area=GRID_PATH)
    assert refused(city, stranger, "make_app_password", device_name="x") == "wrong_role"
