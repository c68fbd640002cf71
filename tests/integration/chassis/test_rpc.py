"""RPC calls: strictly validated, answered one by one, and idempotent."""

from __future__ import annotations

import signal
import time
import uuid
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from chassis.concurrency.adaptive_limit import MOST_OF_KIND, START
from chassis.entrypoints.rpc_server import BEHIND_GATEWAY
from chassis.security.principal import Principal
from chassis.security.principal_token import sign
from chassis.settings import Settings
from launcher.servers.process import wait_until
from tests.servers.caller import Caller
from tests.servers.site import Running, Site

WORKERS = Settings.max_workers


def test_the_same_key_and_body_get_the_same_answer(caller: Caller) -> None:
    first = caller("open", key="k1", name="a")["ok"]
    assert caller("open", key="k1", name="a")["ok"] == first
    tally = first["tally"]
    assert caller("add", key="k2", tally=tally, by=3)["ok"] == {"count": 3}
    assert caller("add", key="k2", tally=tally, by=3)["ok"] == {"count": 3}
    assert caller("read", tally=tally)["ok"]["count"] == 3


def test_the_same_key_with_another_body_is_refused(caller: Caller) -> None:
    caller("open", key="k1", name="a")
    assert caller("open", key="k1", name="b")["problem"]["code"] == "idempotency_key_reused"


def test_a_key_is_the_callers_own(caller: Caller) -> None:
    mine = caller("open", key="k1", name="a")["ok"]
    caller.principal = Principal(tenant=caller.principal.tenant, subject="somebody else")
    assert caller("open", key="k1", name="a")["ok"] != mine


def test_a_repeated_call_is_answered_before_its_version_is_looked_at(caller: Caller) -> None:
    tally = caller("open", key="k1", name="a")["ok"]["tally"]
    assert caller("add", key="k2", if_match=1, tally=tally, by=1)["ok"] == {"count": 1}
    assert caller("add", key="k2", if_match=1, tally=tally, by=1)["ok"] == {"count": 1}


def test_a_stale_version_is_refused_and_names_the_present_one(caller: Caller) -> None:
    tally = caller("open", name="a")["ok"]["tally"]
    caller("add", tally=tally, by=1)
    problem = caller("add", if_match=1, tally=tally, by=1)["problem"]
    assert problem["status"] == 412
    assert problem["data"]["version"] == 2


@pytest.mark.parametrize("value", [{"$ne": ""}, ["a"], 1, None, {"$gt": ""}])
def test_a_value_of_another_type_is_refused_and_names_its_field(caller: Caller, value: object) -> None:
    problem = caller("open", name=value)["problem"]
    assert problem["status"] == 422
    assert [field["field"] for field in problem["data"]["fields"]] == ["name"]


def test_missing_unknown_and_too_long_values_name_their_field(caller: Caller) -> None:
    for args, field in (({}, "name"), ({"name": "a", "more": 1}, "more"), ({"name": "a" * 65}, "name")):
        problem = caller.many([caller.call("open") | {"args": args}])[0]["problem"]
        assert problem["data"]["fields"][0]["field"] == field


def test_an_unknown_method_and_a_foreign_id_look_alike(caller: Caller) -> None:
    tally = caller("open", name="a")["ok"]["tally"]
    caller.principal = Principal(tenant="yaan", subject="tester")
    foreign = caller("read", tally=tally)["problem"]
    assert foreign == caller("read", tally="NOSUCHTALLY")["problem"] == caller("no_such_method")["problem"]


def test_an_expired_call_is_not_run(caller: Caller) -> None:
    tally = caller("open", name="a")["ok"]["tally"]
    call = caller.call("add", tally=tally, by=1) | {"deadline": time.time() - 1}
    assert caller.many([call])[0]["problem"]["code"] == "deadline_expired"
    assert caller("read", tally=tally)["ok"]["count"] == 0


@pytest.mark.parametrize("forgery", ["another key", "expired", "no token"])
def test_a_principal_that_the_gateway_did_not_sign_is_refused(caller: Caller, forgery: str) -> None:
    token = {
        "another key": lambda: sign(caller.principal, Ed25519PrivateKey.generate()),
        "expired": lambda: sign(caller.principal, caller.key, now=lambda: time.time() - 120),
        "no token": lambda: "",
    }[forgery]()
    reply = caller.many([caller.call("open", name="a") | {"principal": token}])[0]
    assert reply["problem"]["code"] == "unauthenticated"


def test_a_slow_call_among_64_holds_up_none(caller: Caller, tmp_path: Path) -> None:
    go = tmp_path / "go"
    slow = caller.call("slow", until=str(go))
    others = [caller.call("open", name="a") for _ in range(63)]
    caller.send([slow, *others])
    assert all("ok" in reply for reply in caller.wait([call["id"] for call in others]))
    go.touch()
    assert caller.wait([slow["id"]])[0]["ok"] == "done"


def test_too_many_calls_of_a_method_that_hangs_are_refused_at_once_and_hold_up_no_other(
    caller: Caller, tmp_path: Path
) -> None:
    go = tmp_path / "go"
    held = [caller.call("slow", until=str(go)) for _ in range(int(START * BEHIND_GATEWAY * MOST_OF_KIND))]
    more = caller.call("slow", until=str(go))
    caller.send([*held, more])
    assert caller.wait([more["id"]])[0]["problem"]["code"] == "overloaded"
    assert "ok" in caller("open", name="a")
    go.touch()
    assert all(reply["ok"] == "done" for reply in caller.wait([call["id"] for call in held]))


def test_a_call_whose_deadline_passes_while_it_waits_for_a_worker_is_not_run(caller: Caller, tmp_path: Path) -> None:
    go, late = tmp_path / "go", tmp_path / "late"
    held = [caller.call("slow", until=str(go)) for _ in range(WORKERS // 2)]
    caller.send(held)
    soon = caller.call("slow", until=str(late)) | {"deadline": time.time() + 0.3}
    caller.send([soon])
    assert caller.wait([soon["id"]], seconds=0.5) == [None], "it waits"
    go.touch()
    assert caller.wait([soon["id"]])[0]["problem"]["code"] == "deadline_expired"
    assert all(reply["ok"] == "done" for reply in caller.wait([call["id"] for call in held]))


def test_a_defect_in_one_call_is_its_own(caller: Caller) -> None:
    replies = caller.many([caller.call("defect"), caller.call("open", name="a")])
    assert replies[0]["problem"]["code"] == "internal"
    assert "ok" in replies[1]


def test_a_value_of_a_wrong_type_is_a_defect_that_is_logged_and_never_stored(caller: Caller, sample: Running) -> None:
    tally = caller("open", name="a")["ok"]["tally"]
    problem = caller("spoil", key="k1", tally=tally)["problem"]
    assert (problem["code"], problem["status"]) == ("internal", 500)
    assert caller("read", tally=tally)["ok"] == {"name": "a", "count": 0, "version": 1, "sequence": 1}
    assert wait_until(lambda: "not stored: Tally.count is a str, not a int" in sample.part.log.read_text(), 60)


@pytest.mark.parametrize("value", [b'"\xff\xfe"', b"[" * 100_000], ids=["not UTF-8", "too deep"])
def test_a_request_that_is_not_utf_8_or_nested_too_deeply_is_dropped_and_the_next_one_answered(
    caller: Caller, sample: Running, value: bytes
) -> None:
    caller.send_raw(b'{"calls":[{"id":"1","method":"open","args":{"name":' + value)
    assert "ok" in caller("open", name="a")
    assert sample.process.alive


def test_calls_that_died_with_the_service_are_done_once_when_repeated(
    caller: Caller, sample: Running, sample_site: Site, tenant: str
) -> None:
    calls = [caller.call("open", key=uuid.uuid4().hex, name="a") for _ in range(63)]
    caller.send([*calls[:30], caller.call("fatal"), *calls[30:]])
    caller.wait([call["id"] for call in calls], seconds=2)
    sample.restart()
    replies = caller.many(calls)
    assert all("ok" in reply for reply in replies)
    assert sample_site.collections("cases").tally.count_documents({"tenant": tenant}) == len(calls)


def test_calls_in_hand_are_answered_before_the_service_stops(caller: Caller, sample: Running, tmp_path: Path) -> None:
    go = tmp_path / "go"
    slow = caller.call("slow", until=str(go))
    caller.send([slow])
    caller("open", name="a")
    sample.process.signal(signal.SIGTERM)
    go.touch()
    assert caller.wait([slow["id"]])[0]["ok"] == "done"
    assert wait_until(lambda: not sample.process.alive, 60)


def test_a_key_that_made_something_means_that_request_for_ever(caller: Caller, sample_site: Site, tenant: str) -> None:
    made = caller("open", key="k1", name="a")["ok"]["tally"]
    row = {"_id": f"{tenant}:{made}"}
    sample_site.collections("cases").tally.update_one(row, {"$set": {"answers": []}})  # as after a day
    assert caller("open", key="k1", name="b")["problem"]["code"] == "idempotency_key_reused"
    assert caller("open", key="k1", name="a")["ok"] == {"tally": made}
