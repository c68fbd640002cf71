from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import pika
import pytest

from chassis.envelope import Envelope
from chassis.errors import Unauthenticated
from chassis.messaging.names import EVENTS, log_of
from chassis.security.principal import Principal
from gateway.app import create
from gateway.events import routes
from gateway.events.positions import Position
from gateway.events.routes import Filter, follow
from gateway.events.visibility import sees, shown
from gateway.request_context import RequestContext
from gateway.rpc.connection import answered, open_channel, open_connection
from tests.integration.gateway.conftest import BrokerProcess
from tests.integration.gateway.running import Site, running
from vocabulary.roles import Role

pytestmark = pytest.mark.anyio

XINHAI = "/1503/150302/150302011/150302011001/"
OF_A_CASE = {
    "audience": "staff",
    "persons": ["u-hai"],
    "taken_by": "u-ning",
    "staff_only": ["inspector", "from_handler", "case.handler", "case.first_post"],
    "internal": ["case.persons", "case.first_person", "case.about"],
}


def offset_of(id_: str) -> int:
    position = Position.read(id_)
    assert position
    return position.offset


class Log:
    """A tenant's log, written as services write it."""

    def __init__(self, uri: str, tenant: str) -> None:
        self._uri = uri
        self._tenant = tenant
        self._name = log_of(tenant)
        self._number = 0

    async def open(self) -> None:
        self._connection = await open_connection(pika.URLParameters(self._uri), lambda _: None)
        self._channel = await open_channel(self._connection)
        await answered(self._channel, self._channel.queue_delete, self._name)
        arguments = {"x-queue-type": "stream", "x-max-length-bytes": 40_000, "x-stream-max-segment-size-bytes": 5_000}
        await answered(self._channel, self._channel.queue_declare, self._name, durable=True, arguments=arguments)
        await answered(self._channel, self._channel.exchange_declare, EVENTS, "topic", durable=True)
        await answered(self._channel, self._channel.queue_bind, self._name, EVENTS, f"{self._tenant}.#")

    async def delete(self) -> None:
        await answered(self._channel, self._channel.queue_delete, self._name)

    async def close(self) -> None:
        self._connection.close()
        while not self._connection.is_closed:
            await asyncio.sleep(0.01)

    def write(self, type_: str = "cases.case.dispatched.v1", area: str = XINHAI, **more: Any) -> None:
        event = {
            "specversion": "1.0",
            "datacontenttype": "application/json",
            "id": f"e-{self._number}",
            "source": "cases",
            "type": f"linli.{type_}",
            "subject": "case-1",
            "time": "2026-03-01T09:00:00Z",
            "tenant": "wuhai",
            "area": area,
            "units": [],
            "visibility": OF_A_CASE,
            "sequence": 1,
            "correlationid": "c",
            "actor": "u-secret",
            "data": {"case": {"id": "case-1", "persons": ["u-hai"], "first_person": "u-ning"}},
        }
        self.write_raw(msgspec.json.encode(event | more), f"{self._tenant}.{type_}")

    def write_raw(self, body: bytes, key: str = "wuhai.cases.case.dispatched.v1", **headers: Any) -> None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.write_as(body, key, pika.BasicProperties(headers=named))

    def write_as(self, body: bytes, key: Any, properties: pika.BasicProperties) -> None:
        self._channel.basic_publish(EVENTS, key, body, properties)
        self._number += 1


@dataclass
class Seen:
    """What a client has received so far."""

    events: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    resets: int = 0
    skipped: list[int] = field(default_factory=list)
    positions: list[int] = field(default_factory=list)
    ended: bool = False

    @property
    def offsets(self) -> list[int]:
        return [offset for offset, _ in self.events]

    @property
    def subjects(self) -> list[str]:
        return [event["subject"] for _, event in self.events]

    def take(self, text: bytes) -> None:
        lines = dict(line.split(": ", 1) for line in text.decode().strip().split("\n") if not line.startswith(":"))
        if lines.get("event") == "reset":
            self.resets += 1
        elif lines.get("event") == "skipped":
            self.skipped.append(offset_of(lines["id"]))
        elif "data" in lines:
            self.ids.append(lines["id"])
            self.events.append((offset_of(lines["id"]), msgspec.json.decode(lines["data"])))
        elif "id" in lines:
            self.positions.append(offset_of(lines["id"]))


@pytest.fixture
async def site(broker_process: BrokerProcess, tmp_path: Path) -> AsyncIterator[Site]:
    async with running(tmp_path, broker_process.uri) as site:
        yield site


@pytest.fixture
async def log(broker_process: BrokerProcess) -> AsyncIterator[Log]:
    log = Log(broker_process.uri, "wuhai")
    await log.open()
    yield log
    await log.close()


@dataclass
class Following:
    """A client that follows the stream until it is closed."""

    site: Site
    seen: Seen = field(default_factory=Seen)

    async def start(
        self, subject: str = "u-lan", after: int | str | None = None, chosen: Filter | None = None, expires: float = 60
    ) -> Following:
        site = self.site
        token = site.token(subject)
        caller = await site.state.callers.of(token)
        caller = type(caller)(caller.principal, caller.token, time.time() + expires, caller.resolved)
        asked = RequestContext(site.state, caller, "", None, "", "", "127.0.0.1")
        logs = site.state.logs
        position = Position.read(str(after)) if after is not None else None
        resumed = await logs.resume("wuhai", position) if position else None
        reader = resumed or await logs.follow("wuhai")
        reset = after is not None and resumed is None
        stream = follow(site.state, asked, token, reader, chosen or Filter((), ""), reset=reset)
        self._task = asyncio.create_task(self._read(stream))
        return self

    async def _read(self, stream: AsyncIterator[bytes]) -> None:
        async for text in stream:
            self.seen.take(text)
        self.seen.ended = True

    async def until(self, condition: Any) -> None:
        end = time.monotonic() + 60
        while not condition(self.seen):
            assert time.monotonic() < end, self.seen
            await asyncio.sleep(0.01)

    async def close(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)


async def test_an_event_reaches_those_who_may_see_it_at_once(site: Site, log: Log) -> None:
    client = await Following(site).start()
    log.write(area="/1503/150303/")
    log.write(subject="here")
    await client.until(lambda seen: seen.events)
    assert client.seen.subjects == ["here"]
    await client.close()


async def test_a_client_resumes_after_the_last_event_that_it_saw(site: Site, log: Log) -> None:
    first = await Following(site).start()
    for _ in range(30):
        log.write()
    await first.until(lambda seen: len(seen.events) == 30)
    await first.close()
    again = await Following(site).start(after=first.seen.offsets[9])
    await again.until(lambda seen: len(seen.events) == 20)
    assert again.seen.events == first.seen.events[10:]
    assert again.seen.resets == 0
    await again.close()


async def test_a_position_in_a_log_that_was_lost_is_not_taken_for_one_in_the_new_log(site: Site, log: Log) -> None:
    first = await Following(site).start()
    for _ in range(5):
        log.write(subject="old")
    await first.until(lambda seen: len(seen.events) == 5)
    await log.open()  # deletes it, and makes it again
    await first.until(lambda seen: seen.ended)
    present = await Following(site).start()
    for _ in range(5):
        log.write(subject="new")
    await present.until(lambda seen: len(seen.events) == 5)
    again = await Following(site).start(after=first.seen.ids[2])
    await again.until(lambda seen: seen.resets)
    resumed = await Following(site).start(after=present.seen.ids[2])
    await resumed.until(lambda seen: len(seen.events) == 2)
    assert (again.seen.resets, resumed.seen.resets) == (1, 0)
    for client in (first, present, again, resumed):
        await client.close()


async def test_a_position_that_the_log_no_longer_holds_causes_a_reset(site: Site, log: Log) -> None:
    present = await Following(site).start()
    for written in range(10, 301, 10):
        # No faster than it is read: the log is short and would drop unread entries.
        for _ in range(10):
            log.write(padding="x" * 400)
        await present.until(lambda seen, written=written: len(seen.events) == written)
    await present.close()
    client = await Following(site).start(after=3)
    await client.until(lambda seen: seen.resets)
    log.write(subject="case-2")
    await client.until(lambda seen: seen.events)
    assert client.seen.subjects == ["case-2"]
    assert client.seen.offsets[0] > 300
    await client.close()


@pytest.mark.parametrize("position", [2, 5_000_000, 2**63 - 2, 2**63 - 1, 2**63, 10**20 - 1])
async def test_a_position_beyond_the_end_causes_a_reset_and_then_the_live_end(
    site: Site, log: Log, position: int
) -> None:
    present = await Following(site).start()
    for _ in range(2):
        log.write()
    await present.until(lambda seen: len(seen.events) == 2)
    await present.close()
    client = await Following(site).start(after=position)
    await client.until(lambda seen: seen.resets)
    log.write(subject="case-2")
    await client.until(lambda seen: seen.events)
    assert client.seen.subjects == ["case-2"]
    assert client.seen.resets == 1
    await client.close()


async def test_an_event_that_was_published_twice_is_shown_once_on_a_connection(site: Site, log: Log) -> None:
    client = await Following(site).start()
    for id_ in ("e-1", "e-2", "e-1", "e-2", "e-3"):
        log.write(id=id_)
    await client.until(lambda seen: len(seen.events) == 3)
    assert [event["id"] for _, event in client.seen.events] == ["e-1", "e-2", "e-3"]
    assert client.seen.offsets == [0, 1, 4]
    await client.close()


async def test_a_stream_ends_when_its_log_is_deleted(site: Site, log: Log) -> None:
    client = await Following(site).start()
    log.write()
    await client.until(lambda seen: seen.events)
    await log.delete()
    await client.until(lambda seen: seen.ended)


async def test_a_stream_has_only_the_events_of_its_filter(site: Site, log: Log) -> None:
    client = await Following(site).start(chosen=Filter(("cases.case.closed",), "case-2"))
    log.write()
    log.write("cases.case.closed.v1")
    log.write("cases.case.closed.v1", subject="case-2")
    await client.until(lambda seen: seen.events)
    assert client.seen.subjects == ["case-2"]
    await client.close()


async def test_a_stream_ends_when_its_sign_in_does(site: Site, log: Log) -> None:
    client = await Following(site).start(expires=0.5)
    await client.until(lambda seen: seen.ended)


async def test_a_stream_ends_when_its_sign_in_is_revoked(site: Site, log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routes, "HEARTBEAT", 0.1)
    client = await Following(site).start("u-qiu")

    async def gone(_: str) -> None:
        raise Unauthenticated()

    monkeypatch.setattr(site.state.callers, "of", gone)
    await client.until(lambda seen: seen.ended)


async def test_a_quiet_stream_sends_heartbeats_with_its_position(
    site: Site, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routes, "HEARTBEAT", 0.1)
    client = await Following(site).start()
    log.write(area="/1503/150303/")
    await client.until(lambda seen: seen.positions)
    assert client.seen.events == []
    await client.close()


async def test_a_stream_ends_when_the_gateway_stops_and_no_new_one_starts(site: Site, log: Log) -> None:
    client = await Following(site).start()
    site.state.logs.stop()
    await client.until(lambda seen: seen.ended)
    assert (await site.http.get("/v1/events", headers=site.signed_in("u-lan"))).status_code == 503


async def test_a_revocation_ends_a_busy_stream(site: Site, log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routes, "HEARTBEAT", 0.3)
    client = await Following(site).start("u-lan")

    async def gone(_: str) -> None:
        raise Unauthenticated()

    monkeypatch.setattr(site.state.callers, "of", gone)

    async def busy() -> None:
        while not client.seen.ended:
            log.write()
            await asyncio.sleep(0.02)

    await asyncio.wait_for(busy(), 60)


async def test_an_unreadable_log_entry_is_skipped(site: Site, log: Log) -> None:
    client = await Following(site).start()
    log.write(sequence="not a number")
    log.write(subject="readable")
    await client.until(lambda seen: seen.events)
    assert client.seen.subjects == ["readable"]
    assert client.seen.skipped == [0]
    await client.close()


@pytest.mark.parametrize("value", [b'"\xff\xfe"', b"[" * 5_000 + b"]" * 5_000], ids=["not UTF-8", "too deep"])
async def test_a_log_entry_that_is_not_utf_8_or_nested_too_deeply_is_skipped(
    site: Site, log: Log, value: bytes
) -> None:
    client = await Following(site).start()
    event = msgspec.structs.asdict(logged())
    for field_ in ("subject", "data"):
        body = msgspec.json.encode(event | {field_: "?"})
        assert b'"?"' in body
        log.write_raw(body.replace(b'"?"', value))
    log.write(subject="readable")
    await client.until(lambda seen: seen.events)
    assert client.seen.subjects == ["readable"]
    assert not client.seen.ended
    await client.close()


LINES = 'linli.cases.case.x\nevent: org.user.disabled.v1\ndata: {"forged":1}\n\nid: 99999999\nevent: y'


@pytest.mark.parametrize(
    "wrong",
    [
        {"type": LINES},
        {"type": LINES.replace("\n", "\r")},
        {"type": "cases.case.dispatched.v1"},
        {"type": "linli.org.user.disabled.v1"},
        {"tenant": "yaan"},
        {"data": "x"},
        {"data": {"case": [{"persons": ["u-hai"]}]}},
        {"visibility": OF_A_CASE | {"internal": ["case."]}},
        {"visibility": OF_A_CASE | {"staff_only": [".."]}},
    ],
)
async def test_a_forged_or_broken_entry_is_hidden_and_the_stream_goes_on(
    site: Site, log: Log, wrong: dict[str, Any]
) -> None:
    staff, resident = await Following(site).start("u-lan"), await Following(site).start("u-hai")
    log.write(**wrong)
    log.write(subject="next")
    for client in (staff, resident):
        await client.until(lambda seen: seen.events)
        assert client.seen.subjects == ["next"]
        assert (client.seen.skipped, client.seen.offsets) == ([0], [1])
        assert not client.seen.ended
        await client.close()


async def test_neither_key_nor_offset_of_an_entry_is_what_its_headers_say(site: Site, log: Log) -> None:
    client = await Following(site).start()
    forged = msgspec.json.encode(msgspec.structs.asdict(logged()) | {"type": "linli.org.user.disabled.v1"})
    key = "wuhai.org.user.disabled.v1"
    log.write_raw(forged, x_routing_key=key, CC=[key], BCC=[key], x_stream_offset=99_999_999)
    log.write_raw(msgspec.json.encode(logged(subject="next")), x_stream_offset=99_999_999)
    await client.until(lambda seen: seen.events)
    assert client.seen.subjects == ["next"]
    assert client.seen.offsets == [1]
    await client.close()


async def test_a_city_without_a_log_is_503_and_an_invalid_position_400(site: Site) -> None:
    unknown = await site.http.get("/v1/events", headers=site.signed_in("u-lan", "nowhere"))
    assert unknown.status_code == 503
    bad = await site.http.get("/v1/events", headers=site.signed_in("u-lan", **{"Last-Event-ID": "first"}))
    assert bad.status_code == 400
    assert (await site.http.get("/v1/events")).status_code == 401


@pytest.mark.parametrize(("leaves_at_once", "opened"), [(True, 0), (False, 10)])
async def test_a_client_that_leaves_before_the_first_byte_holds_neither_a_reader_nor_a_slot(
    site: Site, log: Log, monkeypatch: pytest.MonkeyPatch, leaves_at_once: bool, opened: int
) -> None:
    readers = []
    follow = site.state.logs.follow

    async def noted(tenant: str) -> Any:
        readers.append(await follow(tenant))
        return readers[-1]

    async def gone() -> Any:
        if not leaves_at_once:
            await asyncio.sleep(0)  # a look whether the client has gone does not wait
        return {"type": "http.disconnect"}

    async def send(_: Any) -> None:
        pass

    monkeypatch.setattr(site.state.logs, "follow", noted)
    app = create(site.state)
    headers = [(name.lower().encode(), value.encode()) for name, value in site.signed_in("u-hai").items()]
    scope = {"type": "http", "method": "GET", "path": "/v1/events", "query_string": b"", "headers": headers}
    for _ in range(10):
        await app({**scope, "client": ("127.0.0.1", 1)}, gone, send)
    assert [reader._channel.is_open for reader in readers] == [False] * opened


def logged(**more: Any) -> Envelope:
    event = {
        "specversion": "1.0",
        "datacontenttype": "application/json",
        "source": "/linli/cases",
        "correlationid": "c",
        "id": "e",
        "type": "linli.cases.case.dispatched.v1",
        "tenant": "wuhai",
        "subject": "case-1",
        "time": "2026-03-01T09:00:00Z",
        "sequence": 1,
        "area": XINHAI,
        "units": ["urban-management"],
        "visibility": OF_A_CASE,
        "actor": "u-secret",
        "data": {"case": {"persons": ["u-hai"], "first_post": "p-7", "first_person": "u-ning"}},
    }
    return msgspec.json.decode(msgspec.json.encode(event | more), type=Envelope)


def person(*roles: str, **more: str) -> Any:
    return Principal(tenant="wuhai", subject=more.pop("subject", "u"), roles=frozenset(roles), **more)


@pytest.mark.parametrize(
    ("by", "seen"),
    [
        (person("street", area="/1503/150302/150302011/"), True),
        (person("street", area="/1503/150302/150302012/"), False),
        (person("street"), False),
        (person("supervisor", area="/1503/150302/"), True),
        (person("department", area="/1503/", unit="urban-management"), True),
        (person("department", area="/1503/", unit="water"), False),
        (person("resident", subject="u-hai"), True),
        (person("resident", subject="u-other", area="/1503/"), False),
        (person("counter", subject="u-ning"), True),
        (person("counter", subject="u-other", post="p-7"), False),
        (person("tenant_admin", area="/1503/"), False),
        (person(), False),
    ],
)
def test_each_role_sees_its_own_events(by: Any, seen: bool) -> None:
    assert sees(logged(), by) is seen


def test_a_unit_never_sees_complaints_about_itself() -> None:
    about = {"case": {"persons": ["u-hai"], "about": "150302011"}}
    visibility = OF_A_CASE | {"excluded": "150302011"}
    event = logged(data=about, units=["150302011"], visibility=visibility)
    assert not sees(event, person("street", area="/1503/150302/150302011/", unit="150302011"))
    assert sees(event, person("centre", area="/1503/150302/", unit="150302"))
    assert sees(event, person("resident", subject="u-hai"))
    hidden = logged(data=about, area="", units=[], visibility=visibility)
    assert "150302011" not in shown(hidden, person("centre")).decode()


def test_an_event_without_visibility_is_seen_by_nobody() -> None:
    old = {name: value for name, value in msgspec.structs.asdict(logged()).items() if name != "visibility"}
    for event in (msgspec.convert(old, type=Envelope), logged(visibility={"audience": "the world"})):
        for role in Role:
            for by in (person(role, subject="u-hai", area="/1503/", unit="urban-management"), person(role)):
                assert not sees(event, by)


def test_the_visibility_of_an_event_never_leaves_the_gateway() -> None:
    event = logged(data={"case": {}}, visibility=OF_A_CASE | {"excluded": "u-avoided"})
    text = shown(event, person("centre")).decode()
    assert "visibility" not in text
    assert "u-hai" not in text
    assert "u-ning" not in text
    assert "u-avoided" not in text


def test_a_review_with_only_a_case_id_is_seen_by_centre_and_department() -> None:
    data = {"case": "case-1", "unit": "urban-management"}
    event = logged(type="linli.cases.review.opened.v1", data=data, visibility={"audience": "staff"})
    assert sees(event, person("centre", area="/1503/150302/", unit="150302"))
    assert sees(event, person("department", area="/1503/", unit="urban-management"))
    assert not sees(event, person("resident", subject="u-hai"))
    assert b"case-1" in shown(event, person("centre"))


def test_only_an_administrator_sees_what_happens_in_org() -> None:
    event = logged(type="linli.org.assignment.changed.v1", visibility={"audience": "administrators"})
    assert sees(event, person("tenant_admin", area="/1503/"))
    assert not sees(event, person("street", area="/1503/"))


def test_only_supervisors_of_the_area_see_what_is_for_them_and_never_what_is_about_themselves() -> None:
    kind = "linli.residents.reading_alert.changed.v1"
    event = logged(
        type=kind, units=["urban-management"], visibility={"audience": "supervisors", "hidden_from": "u-hai"}
    )
    assert sees(event, person("supervisor", area="/1503/"))
    assert not sees(event, person("supervisor", area="/1599/"))
    assert not sees(event, person("supervisor", area="/1503/", subject="u-hai"))
    for role in set(Role) - {Role.SUPERVISOR}:
        assert not sees(event, person(role, area="/1503/", unit="urban-management"))
    also_theirs = logged(type=kind, visibility={"persons": ["u-hai"], "hidden_from": "u-hai"})
    assert not sees(also_theirs, person("resident", subject="u-hai"))


def test_a_published_event_names_neither_the_actor_nor_the_persons() -> None:
    text = shown(logged(), person("street")).decode()
    assert "u-secret" not in text
    assert "u-hai" not in text
    assert "u-ning" not in text
    assert '"first_post":"p-7"' in text


@pytest.mark.parametrize(
    ("by", "told"), [(person("resident"), False), (person("courier"), False), (person("street"), True)]
)
def test_a_party_sees_the_unit_of_the_case_but_not_the_person(by: Any, told: bool) -> None:
    case = {"persons": ["u-hai"], "lead": "water", "handler": "u-staff", "first_post": "u-staff"}
    data = {"case": case, "inspector": "u-staff", "from_handler": "u-staff"}
    text = shown(logged(data=data), by).decode()
    assert '"lead":"water"' in text
    assert ("u-staff" in text) is told
