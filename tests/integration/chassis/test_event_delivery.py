"""Events: published from the outbox in order, handled idempotently in any order, retried, and parked."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chassis.envelope import decode, encode
from chassis.ids import uuid7
from chassis.persistence.write_plan import MOST_HANDLED
from chassis.security.principal import Principal
from launcher.servers.process import wait_until
from tests.integration.chassis.anyone import Broker, added
from tests.integration.chassis.sample import Added
from tests.servers.caller import Caller
from tests.servers.site import Running, Site

HOSTILE = {"not UTF-8": b'"\xff\xfe"', "too deep": b"[" * 100_000 + b"]" * 100_000}


def test_events_of_an_aggregate_are_published_in_order_without_gaps(
    caller: Caller, sample_site: Site, tenant: str
) -> None:
    tally = caller("open", name="a")["ok"]["tally"]
    for by in range(1, 20):
        caller("add", tally=tally, by=by)
    events = [decode(body) for body in sample_site.log(tenant)]
    assert list(dict.fromkeys(event.sequence for event in events)) == list(range(1, 21))
    assert {event.subject for event in events} == {tally}
    assert events[-1].decode(Added).count == sum(range(1, 20))


def test_a_published_event_leaves_its_outbox_and_the_version_alone(
    caller: Caller, sample_site: Site, tenant: str
) -> None:
    tally = caller("open", name="a")["ok"]["tally"]
    rows = sample_site.collections("cases").tally
    assert wait_until(lambda: rows.find_one({"_id": f"{tenant}:{tally}"})["outbox"] == [], 60)
    assert rows.find_one({"_id": f"{tenant}:{tally}"})["version"] == 1


def test_an_event_names_who_caused_it_and_what_it_belongs_to(caller: Caller, sample_site: Site, tenant: str) -> None:
    call = caller.call("open", name="a")
    caller.many([call])
    event = decode(sample_site.log(tenant)[0])
    assert (event.actor, event.correlationid, event.tenant) == ("tester", call["correlation_id"], tenant)


def test_an_effect_happens_once_and_a_copy_is_the_newest_whatever_the_order(
    caller: Caller, as_anyone: Broker, sample_site: Site, tenant: str, total: Callable[[str], int]
) -> None:
    mirror = sample_site.collections("cases").mirror

    @settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.data())
    def delivered(data: st.DataObject) -> None:
        name = uuid7()
        caller("sum", name=name)
        events = [added(tenant, name, by=2**n, subject=name, sequence=n + 1, count=n) for n in range(6)]
        doubled = data.draw(st.permutations(events + data.draw(st.lists(st.sampled_from(events), max_size=6))))
        for event in doubled:
            as_anyone.publish(event)
        assert wait_until(lambda: total(name) == 63, 60), total(name)
        assert wait_until(lambda: mirror.count_documents({"_id": f"{tenant}:{name}", "count": 5}) == 1, 60)
        assert total(name) == 63

    delivered()


def test_an_aggregate_of_very_many_events_stays_small_and_still_counts_each_once(
    caller: Caller, as_anyone: Broker, sample_site: Site, tenant: str, total: Callable[[str], int]
) -> None:
    caller("sum", name="busy")
    events = [added(tenant, "busy", by=1, subject=f"T{number}") for number in range(MOST_HANDLED + 20)]
    for event in events:
        as_anyone.publish(event)
    assert wait_until(lambda: total("busy") == len(events), 60), total("busy")
    for event in (*events[:5], *events[-5:]):
        as_anyone.publish(event)
    as_anyone.publish(added(tenant, "busy", by=1, subject="last"))
    assert wait_until(lambda: total("busy") == len(events) + 1, 60)
    [row] = sample_site.collections("cases").sum.find({"_id": f"{tenant}:busy"})
    assert len(row["handled"]) == MOST_HANDLED


def test_a_handler_that_fails_is_tried_again_and_the_rest_goes_on(
    caller: Caller, as_anyone: Broker, tenant: str, total: Callable[[str], int]
) -> None:
    as_anyone.publish(added(tenant, "late", by=1))
    caller("sum", name="soon")
    as_anyone.publish(added(tenant, "soon", by=2, subject="T2"))
    assert wait_until(lambda: total("soon") == 2, 60)
    caller("sum", name="late")
    assert wait_until(lambda: total("late") == 1, 60)


def test_what_no_try_can_mend_is_parked_with_reason_handler_and_count(
    caller: Caller, as_anyone: Broker, tenant: str
) -> None:
    caller("sum", name="a")
    event = added(tenant, "a", by=13)
    as_anyone.publish(event, key="again", exchange="cases.again", **{"linli-tries": 6, "linli-key": event.routing_key})
    _, properties, body = _parked(as_anyone)
    assert decode(body).id == event.id
    assert properties.headers["linli-reason"] == "ValueError"
    assert properties.headers["linli-handler"] == "on_added_effect"
    assert properties.headers["linli-tries"] == 7


def test_an_unreadable_message_is_parked_at_once(caller: Caller, as_anyone: Broker, tenant: str) -> None:
    as_anyone.channel.basic_publish("linli.events", f"{tenant}.cases.tally.added.v1", b"{not json")
    _, properties, body = _parked(as_anyone)
    assert body == b"{not json"
    assert properties.headers["linli-reason"] == "unreadable_message"


@pytest.mark.parametrize("place", ["envelope", "data"])
@pytest.mark.parametrize("value", HOSTILE.values(), ids=HOSTILE)
def test_an_event_that_is_not_utf_8_or_nested_too_deeply_is_parked_and_the_next_one_handled(
    caller: Caller,
    as_anyone: Broker,
    sample: Running,
    tenant: str,
    total: Callable[[str], int],
    place: str,
    value: bytes,
) -> None:
    caller("sum", name="a")
    event = added(tenant, "a", by=1)
    bad = encode(event).replace(b'"tester"' if place == "envelope" else b'"a"', value)
    assert bad != encode(event)
    as_anyone.channel.basic_publish("linli.events", event.routing_key, bad)
    as_anyone.publish(event)
    _, properties, body = _parked(as_anyone)
    assert (body, properties.headers["linli-reason"]) == (bad, "unreadable_message")
    assert wait_until(lambda: total("a") == 1, 60)
    assert sample.process.alive


def test_an_event_whose_data_does_not_fit_its_class_is_parked_at_once_and_changes_nothing(
    caller: Caller, as_anyone: Broker, sample_site: Site, tenant: str, total: Callable[[str], int]
) -> None:
    caller("sum", name="a")
    event = added(tenant, "a", by=1)
    as_anyone.publish(msgspec.structs.replace(event, data=msgspec.Raw(b'{"name": "a", "count": 1, "by": "1"}')))
    _, properties, body = _parked(as_anyone)
    assert decode(body).id == event.id
    assert properties.headers["linli-reason"] == "ValidationError"
    assert properties.headers["linli-tries"] == 1
    assert total("a") == 0
    assert sample_site.collections("cases").mirror.count_documents({"tenant": tenant}) == 0


def test_an_event_whose_data_is_no_object_is_parked_at_once(caller: Caller, as_anyone: Broker, tenant: str) -> None:
    as_anyone.publish(msgspec.structs.replace(added(tenant, "a", by=1), data=msgspec.Raw(b'["a", 1]')))
    assert _parked(as_anyone)[1].headers["linli-reason"] == "unreadable_message"


def test_what_an_event_has_done_is_known_for_a_year(sample: Running, sample_site: Site) -> None:
    indexes = sample_site.collections("cases").handled.index_information()
    assert indexes["t_1"]["expireAfterSeconds"] == timedelta(days=365).total_seconds()


def test_a_content_under_anothers_routing_key_is_parked(caller: Caller, as_anyone: Broker, tenant: str) -> None:
    forged = added("othercity", "a", by=1)
    as_anyone.publish(forged, key=f"{tenant}.cases.tally.added.v1", **{"linli-key": forged.routing_key})
    assert _parked(as_anyone)[1].headers["linli-reason"] == "unreadable_message"


def test_a_message_that_kills_its_handler_is_parked_alone(
    caller: Caller, as_anyone: Broker, sample: Running, tenant: str, total: Callable[[str], int]
) -> None:
    caller("sum", name="a")
    for number in range(60):
        by = 666 if number == 30 else 1
        as_anyone.publish(added(tenant, "a", by=by, subject=f"T{number}"))
    parked: list[Any] = []

    def restarted_until_parked() -> bool:
        if not sample.process.alive:
            sample.process = sample.part.start()
        parked.extend(as_anyone.messages("cases.parked"))
        return bool(parked)

    assert wait_until(restarted_until_parked, 90)
    assert wait_until(lambda: total("a") == 59, 60), total("a")
    assert [decode(body).decode(Added).by for _, _, body in parked] == [666]


def test_a_service_that_starts_on_a_backlog_handles_it_all_and_parks_nothing(
    caller: Caller, as_anyone: Broker, sample: Running, tenant: str, total: Callable[[str], int]
) -> None:
    names = [f"sum{number}" for number in range(60)]
    caller.many([caller.call("sum", name=name) for name in names])
    sample.stop()
    for number in range(3000):
        as_anyone.publish(added(tenant, names[number % len(names)], by=1, subject=f"T{number}"))
    assert wait_until(lambda: as_anyone.waiting("cases") == 3000, 60)
    sample.restart()
    wait_until(lambda: [total(name) for name in names] == [50] * len(names), 60)
    assert [properties.headers for _, properties, _ in as_anyone.messages("cases.parked")] == []
    assert [total(name) for name in names] == [50] * len(names)


def test_a_service_that_lost_its_copies_gets_the_present_state_again(
    caller: Caller, sample_site: Site, tenant: str
) -> None:
    mirror = sample_site.collections("cases").mirror
    for name in ("a", "b", "c"):
        tally = caller("open", name=name)["ok"]["tally"]
        caller("add", tally=tally, by=5)
    assert wait_until(lambda: mirror.count_documents({"tenant": tenant}) == 3, 60)
    mirror.delete_many({"tenant": tenant})
    assert caller("resync", service="cases")["problem"]["status"] == 403
    caller.principal = Principal(tenant=tenant, subject="operator", roles=frozenset({"operator"}))
    page = caller("resync", service="cases")["ok"]
    assert page["published"] == 3
    assert wait_until(lambda: mirror.count_documents({"tenant": tenant, "count": 5}) == 3, 60)
    assert caller("resync", service="cases", cursor=page["cursor"])["ok"] == {"published": 0, "cursor": ""}


def test_a_resync_goes_on_behind_pages_of_damaged_rows_and_long_keys(
    caller: Caller, sample_site: Site, tenant: str
) -> None:
    rows = sample_site.collections("cases")
    tally = caller("open", name="a")["ok"]["tally"]
    [row] = rows.tally.find({"tenant": tenant})
    long = "0" * 100  # as an entry of a responsibility list may have
    damaged = [row | {"_id": f"{tenant}:{long}{number:03}", "count": "seven"} for number in range(250)]
    rows.tally.insert_many([*damaged, row | {"_id": f"{tenant}:{long}x"}])
    caller.principal = Principal(tenant=tenant, subject="operator", roles=frozenset({"operator"}))
    pages = [caller("resync", service="cases")["ok"]]
    while pages[-1]["cursor"]:
        pages.append(caller("resync", service="cases", cursor=pages[-1]["cursor"])["ok"])
    assert [page["published"] for page in pages] == [2, 0]
    held = {f"{tenant}:{long}x", f"{tenant}:{tally}"}
    assert wait_until(lambda: {each["_id"] for each in rows.mirror.find({"tenant": tenant})} == held, 15)


def _parked(broker: Broker) -> Any:
    found: list[Any] = []
    assert wait_until(lambda: bool(found.extend(broker.messages("cases.parked")) or found), 60)
    assert len(found) == 1
    return found[0]


def test_the_log_holds_what_was_published_as_json(caller: Caller, sample_site: Site, tenant: str) -> None:
    caller("open", name="a")
    event = json.loads(sample_site.log(tenant)[0])
    assert event["specversion"] == "1.0"
    assert event["type"] == "linli.cases.tally.opened.v1"
    assert event["data"] == {"name": "a"}
