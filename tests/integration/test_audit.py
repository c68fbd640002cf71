"""The audit log on a real database and a real stream, and with a writer that is killed."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import eventlet
import pika
import pytest
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import ChannelClosedByBroker, ConnectionClosedByBroker

from chassis.audit import heads as audit_heads
from chassis.audit.chain import Entry, Head, Heads, entry_id
from chassis.audit.follower import AuditFollower
from chassis.audit.heads import STREAM, HeadsUnavailable, StreamHeads
from chassis.audit.verify import verify
from chassis.audit.writer import Audit
from chassis.clock import SystemClock
from chassis.errors import Unavailable
from chassis.messaging.names import AUDIT
from chassis.security.root_keys import read_key
from launcher.commands import audit as command
from launcher.servers.broker_topology import USERS
from launcher.servers.process import wait_until
from tests.servers import ports
from tests.servers.set_clock import SetClock
from tests.servers.site import Site
from tests.unit.chassis.test_audit import (  # noqa: F401  # the suite that the fakes pass too
    KEY,
    audit,
    clock,
    findings,
    five,
    read,
    test_a_chain_is_missed_from_its_first_answer_on,
    test_a_chain_made_by_someone_without_the_key_is_found,
    test_a_cut_tail_is_found,
    test_a_head_edited_to_hide_a_cut_is_found,
    test_a_missing_chain_is_found,
    test_a_removal_is_found,
    test_a_reordering_is_found,
    test_an_edit_is_found,
    test_an_entry_put_in_is_found,
    test_an_entry_says_who_did_what_to_whose_data_when_and_why,
    test_an_old_head_published_again_does_not_hide_a_cut,
    test_an_untouched_log_holds,
    test_heads_come_back_as_they_were_published,
    test_two_writers_have_a_chain_each,
    writer,
)


class StreamOfTwoUsers:
    """A service may only add heads; the operator may read them."""

    def __init__(self, site: Site) -> None:
        self.writer = StreamHeads(site.amqp("cases"))
        self.reader = StreamHeads(site.amqp("operator"))

    def publish(self, head: Head) -> None:
        self.writer.publish(head)

    def read(self) -> Iterator[Head]:
        return self.reader.read()


@pytest.fixture
def log(site: Site) -> Any:
    return site.collections("cases")["audit"]


@pytest.fixture
def heads(site: Site) -> Iterator[Heads]:
    stream = StreamOfTwoUsers(site)
    yield stream
    stream.writer.close()
    stream.reader.close()


WRITER = """
import eventlet
eventlet.monkey_patch()
import itertools, sys
import pymongo
from chassis.security.principal import Principal
from chassis.audit.writer import Audit
from chassis.audit.chain import new_writer
from chassis.audit.heads import StreamHeads
from chassis.clock import SystemClock
from chassis.errors import Unavailable

amqp_uri, mongodb_uri, database, most = sys.argv[1:]
collection = pymongo.MongoClient(mongodb_uri, retryWrites=False)[database]["audit"]
audit = Audit(collection, b"k" * 32, new_writer("cases", "cases-0"), SystemClock(), StreamHeads(amqp_uri))
li = Principal(tenant="wuhai", subject="U1")
cases = itertools.count()

def reads():
    for case in cases:
        if case >= int(most):
            return
        audit.record(li, "cases.reporter.read", [str(case)], "callback")
        print(case, flush=True)

for thread in [eventlet.spawn(reads) for _ in range(32)]:
    thread.wait()
audit.close()
"""


def start_writer(site: Site, most: int) -> subprocess.Popen[str]:
    settings = site.settings("cases")
    arguments = [settings["AMQP_URI"], settings["MONGODB_URI"], settings["LINLI_DATABASE"], str(most)]
    return subprocess.Popen([sys.executable, "-c", WRITER, *arguments], stdout=subprocess.PIPE, text=True)


def test_greenlets_that_read_at_once_are_all_recorded(site: Site, log: Any, heads: Heads) -> None:
    output, _ = start_writer(site, 640).communicate(timeout=60)
    assert len(output.split()) == 640
    report = verify([log], heads, {"cases": [KEY]})
    assert report.findings == []
    assert sum(report.entries.values()) == 640


def test_after_kill_9_every_answered_reading_is_recorded_and_the_chain_holds(
    site: Site, log: Any, heads: Heads
) -> None:
    process = start_writer(site, 10**9)
    assert process.stdout
    answered = [process.stdout.readline() for _ in range(500)]
    process.kill()
    answered += process.stdout.readlines()
    process.wait()
    # The kill may truncate the last line.
    answered = [line for line in answered if line.endswith("\n")]
    recorded = {row["subjects"][0] for row in log.find()}
    assert {line.strip() for line in answered} <= recorded
    assert findings(log, heads) == []


def test_the_command_tells_of_each_service_and_each_finding(site: Site) -> None:
    services = [site.service_settings(name) for name in ("cases", "org")]
    logs = [site.collections(settings.service)["audit"] for settings in services]
    for settings, collection in zip(services, logs, strict=True):
        key = read_key(site.keys.file(f"{settings.service}.audit.key").read_bytes())
        heads = StreamHeads(settings.amqp_uri)
        audit = Audit(collection, key, f"{settings.service}.0.1", SystemClock(), heads)  # noqa: F811
        read(audit, "C1")
        heads.close()
    sound = command.check(services, site.amqp("operator"))
    assert command.lines(sound, ["cases", "org"]) == [
        "cases          1 writers         1 entries  intact",
        "org            1 writers         1 entries  intact",
    ]
    logs[1].delete_many({})
    assert command.lines(command.check(services, site.amqp("operator")), ["cases", "org"])[1:] == [
        "org            0 writers         0 entries  1 findings",
        "  org.0.1:1 the whole chain is missing",
    ]


def test_heads_are_not_kept_while_the_broker_is_away(writer: str, clock: SetClock) -> None:  # noqa: F811
    nowhere = StreamHeads(f"amqp://cases:x@127.0.0.1:{ports.free(1)[0]}//")
    with pytest.raises(HeadsUnavailable):
        nowhere.publish(Head(writer=writer, number=0, mac="", at=clock.now()))
    with pytest.raises(HeadsUnavailable):
        list(nowhere.read())


def test_no_connection_is_left_idle_between_heads(
    heads: StreamOfTwoUsers,
    writer: str,  # noqa: F811
    clock: SetClock,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(audit_heads, "_IDLE_SECONDS", 0)
    for number in range(2):
        heads.publish(Head(writer=writer, number=number, mac="", at=clock.now()))
        assert wait_until(lambda: eventlet.sleep(0) or heads.writer._publisher._connection is None, 60)
    assert [head.number for head in heads.read()] == [0, 1]


def test_a_connection_that_the_broker_dropped_is_made_anew(
    heads: StreamOfTwoUsers,
    writer: str,  # noqa: F811
    clock: SetClock,  # noqa: F811
) -> None:
    head = Head(writer=writer, number=0, mac="", at=clock.now())
    heads.publish(head)
    heads.writer._publisher._connection.sock.shutdown(socket.SHUT_RDWR)
    heads.publish(head)
    assert list(heads.read()) == [head, head]


@pytest.mark.parametrize("user", USERS)
def test_nobody_can_take_heads_away(site: Site, user: str) -> None:
    for act in (BlockingChannel.queue_purge, BlockingChannel.queue_delete):
        channel = pika.BlockingConnection(pika.URLParameters(site.amqp(user))).channel()
        with channel.connection, pytest.raises((ChannelClosedByBroker, ConnectionClosedByBroker)):
            act(channel, STREAM)


def test_the_gateway_cannot_add_heads(site: Site) -> None:
    with pika.BlockingConnection(pika.URLParameters(site.amqp("gateway"))) as connection:
        channel = connection.channel()
        channel.confirm_delivery()
        with pytest.raises(ChannelClosedByBroker):
            channel.basic_publish(AUDIT, "", b"{}")


def test_a_follower_gets_every_entry_of_every_chain_once_and_again_what_it_could_not_handle(site: Site) -> None:
    database = site.collections("follower")
    log, follower = database.audit, AuditFollower(database.audit, database.audit_positions)
    handed: list[str] = []

    def entry(of: str, number: int) -> None:
        at = datetime(2026, 3, 2, tzinfo=UTC)
        named = entry_id(of, number)
        made = Entry(id=named, number=number, tenant="t", at=at, actor="a", action="x.read", subjects=[], purpose="")
        log.insert_one(made.to_row())

    def handle(of: str, entries: list[Entry]) -> None:
        if of == "b" and "b:000000000002" in [each.id for each in entries]:
            raise Unavailable(retry_after=1)
        handed.extend(each.id for each in entries)

    for name, number in (("a", 1), ("a", 2), ("b", 1)):
        entry(name, number)
    follower.follow(handle)
    entry("b", 2)
    entry("a", 3)
    for _ in range(2):
        with pytest.raises(Unavailable):
            follower.follow(handle)
    assert handed == [entry_id("a", 1), entry_id("a", 2), entry_id("b", 1), entry_id("a", 3)]
    follower.follow(lambda of, entries: handed.extend(each.id for each in entries))
    follower.follow(handle)
    assert handed[4:] == [entry_id("b", 2)]
    database.client.drop_database(database.name)
