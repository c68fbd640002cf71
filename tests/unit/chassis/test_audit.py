"""The audit log records every access or denies it, and its verification finds every kind of tampering.

`tests/integration/test_audit.py` runs the same rules on a real database and a real stream.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import eventlet
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pymongo.errors import AutoReconnect, DuplicateKeyError

from chassis.audit.chain import ChainKey, Head, Heads, entry_id, new_writer
from chassis.audit.heads import HeadsUnavailable, decode, encode
from chassis.audit.verify import Tampering, verify
from chassis.audit.writer import Audit, NotRecorded
from chassis.security.principal import Principal
from tests.servers.set_clock import SetClock

KEY = b"k" * 32
LI = Principal(tenant="wuhai", subject="U1", purposes=frozenset({"callback"}))


class Log:
    """Fake of the collection. `fail`: the number of next writes that fail."""

    def __init__(self) -> None:
        self.rows: dict[str, dict[str, Any]] = {}
        self.batches: list[int] = []
        self.fail = 0
        self.write_although_failing = 0

    def insert_many(self, rows: list[dict[str, Any]]) -> None:
        eventlet.sleep(0.001)
        failing, self.fail = self.fail > 0, max(self.fail - 1, 0)
        for row in rows[: self.write_although_failing] if failing else rows:
            if row["_id"] in self.rows:
                raise DuplicateKeyError(row["_id"])
            self.rows[row["_id"]] = row
        if failing:
            raise AutoReconnect("gone")
        self.batches.append(len(rows))

    def with_options(self, **_: Any) -> Log:
        return self

    def find(self, where: dict[str, Any] | None = None) -> Found:
        low, high = (where["_id"]["$gt"], where["_id"]["$lte"]) if where else ("", "\U0010ffff")
        return Found([row for key, row in self.rows.items() if low < key <= high])

    def replace_one(self, where: dict[str, Any], row: dict[str, Any]) -> None:
        self.rows[where["_id"]] = {"_id": where["_id"], **{k: v for k, v in row.items() if k != "_id"}}

    def delete_many(self, where: dict[str, Any]) -> None:
        for key in where["_id"]["$in"]:
            self.rows.pop(key, None)


class Found(list[dict[str, Any]]):
    def sort(self, field: str, direction: int) -> Found:  # type: ignore[override]
        return Found(sorted(self, key=lambda row: row[field], reverse=direction < 0))

    def limit(self, most: int) -> Found:
        return Found(self[:most])


class ListedHeads:
    """Fake of the store of heads: a list of messages, as the stream holds them."""

    def __init__(self, *messages: bytes) -> None:
        self.messages = list(messages)

    def publish(self, head: Head) -> None:
        self.messages.append(encode(head))

    def read(self) -> Iterator[Head]:
        return map(decode, list(self.messages))


class Broken:
    """Store of heads that is unreachable while `down`."""

    def __init__(self, heads: Heads) -> None:
        self.heads = heads
        self.down = True
        self.refused = 0

    def publish(self, head: Head) -> None:
        if self.down:
            self.refused += 1
            raise HeadsUnavailable(reason="test")
        self.heads.publish(head)

    def read(self) -> Iterator[Head]:
        return self.heads.read()


@pytest.fixture
def log() -> Any:
    return Log()


@pytest.fixture
def heads() -> Heads:
    return ListedHeads()


@pytest.fixture
def clock() -> SetClock:
    return SetClock(datetime(2026, 3, 2, 8, 0, 0, 123456, tzinfo=UTC))


@pytest.fixture
def writer() -> str:
    return new_writer("cases", "cases-0")


@pytest.fixture
def audit(log: Any, heads: Heads, clock: SetClock, writer: str) -> Audit:
    return Audit(log, KEY, writer, clock, heads)


def read(audit: Audit, case: str) -> None:
    audit.record(LI, "cases.reporter.read", [case], "callback")


def rows(log: Any) -> list[dict[str, Any]]:
    return list(log.find().sort("_id", 1))


def findings(log: Any, heads: Heads, key: bytes = KEY) -> list[tuple[Tampering, int, int]]:
    report = verify([log], heads, {"cases": [key], "org": [key]})
    return [(finding.tampering, finding.first, finding.last) for finding in report.findings]


def change(log: Any, row: dict[str, Any], **fields: Any) -> None:
    log.replace_one({"_id": row["_id"]}, {**{k: v for k, v in row.items() if k != "_id"}, **fields})


@pytest.fixture
def five(audit: Audit, log: Any, clock: SetClock) -> list[dict[str, Any]]:
    """A chain of five entries whose head is published."""
    for number in range(1, 6):
        read(audit, f"C{number}")
        clock.advance(timedelta(seconds=1))
    audit.close()
    return rows(log)


@pytest.mark.domain("Privacy: audit")
def test_an_entry_says_who_did_what_to_whose_data_when_and_why(
    audit: Audit, log: Any, writer: str, clock: SetClock
) -> None:
    audit.record(LI, "cases.reporter.read", ["C1", "C2"], "callback")
    [entry] = rows(log)
    mac = entry.pop("mac")
    assert len(mac) == 64
    assert entry.pop("at").replace(tzinfo=UTC) == clock.now().replace(microsecond=123000)
    assert entry == {
        "_id": f"{writer}:000000000001",
        "number": 1,
        "tenant": "wuhai",
        "actor": "U1",
        "action": "cases.reporter.read",
        "subjects": ["C1", "C2"],
        "purpose": "callback",
    }


def test_an_untouched_log_holds(five: list[dict[str, Any]], log: Any, heads: Heads, writer: str) -> None:
    report = verify([log], heads, {"cases": [KEY], "org": [KEY]})
    assert report.findings == []
    assert report.entries == {writer: 5}


def test_two_writers_have_a_chain_each(log: Any, heads: Heads, clock: SetClock) -> None:
    writers = [new_writer("cases", "cases-0"), new_writer("org", "org-0")]
    for writer in writers:
        read(Audit(log, KEY, writer, clock, heads), "C1")
    report = verify([log], heads, {"cases": [KEY], "org": [KEY]})
    assert report.findings == []
    assert report.entries == dict.fromkeys(writers, 1)


@pytest.mark.domain("Privacy: audit")
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("tenant", "yaan"),
        ("actor", "U2"),
        ("action", "cases.case.read"),
        ("subjects", ["C9"]),
        ("purpose", "statistics"),
        ("at", datetime(2026, 3, 2, 9, tzinfo=UTC)),
        ("mac", "0" * 64),
        ("actor", None),
        ("note", "added later"),
    ],
)
def test_an_edit_is_found(five: list[dict[str, Any]], log: Any, heads: Heads, field: str, value: Any) -> None:
    change(log, five[2], **{field: value})
    assert (Tampering.ALTERED, 3, 3) in findings(log, heads)


def test_only_the_edited_entry_is_named(five: list[dict[str, Any]], log: Any, heads: Heads) -> None:
    change(log, five[2], actor="U2")
    assert findings(log, heads) == [(Tampering.ALTERED, 3, 3)]


@pytest.mark.domain("Privacy: audit")
def test_a_removal_is_found(five: list[dict[str, Any]], log: Any, heads: Heads) -> None:
    log.delete_many({"_id": {"$in": [five[1]["_id"], five[2]["_id"]]}})
    assert findings(log, heads) == [(Tampering.REMOVED, 2, 3)]


def test_a_removal_at_the_start_is_found(five: list[dict[str, Any]], log: Any, heads: Heads) -> None:
    log.delete_many({"_id": {"$in": [five[0]["_id"]]}})
    assert findings(log, heads) == [(Tampering.REMOVED, 1, 1)]


@pytest.mark.domain("Privacy: audit")
def test_a_reordering_is_found(five: list[dict[str, Any]], log: Any, heads: Heads) -> None:
    change(log, five[1], **{k: v for k, v in five[2].items() if k != "_id"})
    change(log, five[2], **{k: v for k, v in five[1].items() if k != "_id"})
    assert findings(log, heads)[:2] == [(Tampering.MOVED, 2, 2), (Tampering.MOVED, 3, 3)]


def test_a_reordering_with_the_numbers_put_right_is_found(five: list[dict[str, Any]], log: Any, heads: Heads) -> None:
    for here, there in ((1, 2), (2, 1)):
        content = {k: v for k, v in five[there].items() if k not in ("_id", "number")}
        change(log, five[here], **content)
    assert (Tampering.ALTERED, 2, 2) in findings(log, heads)


@pytest.mark.domain("Privacy: audit")
def test_a_cut_tail_is_found(five: list[dict[str, Any]], log: Any, heads: Heads) -> None:
    log.delete_many({"_id": {"$in": [row["_id"] for row in five[3:]]}})
    assert findings(log, heads) == [(Tampering.CUT, 4, 5)]


@pytest.mark.domain("Privacy: audit")
def test_a_missing_chain_is_found(five: list[dict[str, Any]], log: Any, heads: Heads) -> None:
    log.delete_many({"_id": {"$in": [row["_id"] for row in five]}})
    assert findings(log, heads) == [(Tampering.MISSING, 1, 5)]


def test_a_chain_is_missed_from_its_first_answer_on(audit: Audit, log: Any, heads: Heads) -> None:
    """A process that is killed right after its first answer has already published the head."""
    read(audit, "C1")
    log.delete_many({"_id": {"$in": [row["_id"] for row in rows(log)]}})
    assert findings(log, heads) == [(Tampering.MISSING, 1, 1)]


def test_an_entry_put_in_is_found(five: list[dict[str, Any]], log: Any, heads: Heads, writer: str) -> None:
    log.insert_many([{**five[4], "_id": entry_id(writer, 6), "number": 6}])
    assert findings(log, heads) == [(Tampering.ALTERED, 6, 6)]


@pytest.mark.parametrize("name", ["6", "0000000000006", "６", "x", "-00000000006"])
def test_an_entry_under_a_name_that_we_never_give_is_found(
    five: list[dict[str, Any]], log: Any, heads: Heads, writer: str, name: str
) -> None:
    log.insert_many([{**five[4], "_id": f"{writer}:{name}"}])
    assert (Tampering.ALTERED, 0, 0) in findings(log, heads)


def test_a_chain_made_by_someone_without_the_key_is_found(log: Any, heads: Heads, clock: SetClock) -> None:
    read(Audit(log, b"x" * 32, "cases.other.1", clock, heads), "C1")
    found = findings(log, heads)
    assert {(Tampering.ALTERED, 1, 1), (Tampering.NO_HEAD, 1, 1), (Tampering.FORGED_HEAD, 1, 1)} <= set(found)


def test_a_chain_whose_heads_are_gone_is_found(five: list[dict[str, Any]], log: Any) -> None:
    assert findings(log, ListedHeads()) == [(Tampering.NO_HEAD, 5, 5)]


def test_a_head_edited_to_hide_a_cut_is_found(five: list[dict[str, Any]], log: Any, heads: Heads) -> None:
    last = list(heads.read())[-1]
    log.delete_many({"_id": {"$in": [row["_id"] for row in five[3:]]}})
    heads.publish(msgspec.structs.replace(last, number=3, mac=five[2]["mac"]))
    assert set(findings(log, heads)) == {(Tampering.FORGED_HEAD, 3, 3), (Tampering.CUT, 4, 5)}


def test_an_old_head_published_again_does_not_hide_a_cut(five: list[dict[str, Any]], log: Any, heads: Heads) -> None:
    old = list(heads.read())[1]
    log.delete_many({"_id": {"$in": [row["_id"] for row in five[1:]]}})
    heads.publish(old)
    assert findings(log, heads) == [(Tampering.CUT, 2, 5)]


def test_a_chain_that_was_begun_and_never_answered_for_is_not_missed(audit: Audit, log: Log, heads: Heads) -> None:
    log.fail = 1
    with pytest.raises(NotRecorded):
        read(audit, "C1")
    assert [head.number for head in heads.read()] == [0]
    assert findings(log, heads) == []


def test_a_chain_rewritten_with_the_stolen_key_differs_from_its_head(
    five: list[dict[str, Any]], log: Any, heads: Heads, writer: str, clock: SetClock
) -> None:
    log.delete_many({"_id": {"$in": [row["_id"] for row in five]}})
    forger = Audit(log, KEY, writer, clock, ListedHeads())
    for number in range(5):
        read(forger, f"D{number}")
    assert findings(log, heads) == [(Tampering.REWRITTEN, 5, 5)]


@pytest.mark.domain("Privacy: audit")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(data=st.data())
def test_any_change_of_a_log_is_found(
    five: list[dict[str, Any]], heads: Heads, writer: str, data: st.DataObject
) -> None:
    log: Any = Log()
    log.rows = {row["_id"]: dict(row) for row in five}
    texts = st.text(max_size=5)
    values = {
        "number": st.integers(-3, 9),
        "tenant": texts,
        "at": st.datetimes(timezones=st.just(UTC)),
        "actor": texts,
        "action": texts,
        "subjects": st.lists(texts, max_size=2),
        "purpose": texts,
        "mac": st.one_of(texts, st.sampled_from([row["mac"] for row in five])),
    }
    for _ in range(data.draw(st.integers(1, 3))):
        key = data.draw(st.sampled_from([row["_id"] for row in five]))
        match data.draw(st.sampled_from(["edit", "remove", "copy"])):
            case "edit" if key in log.rows:
                field = data.draw(st.sampled_from(sorted(values)))
                log.rows[key][field] = data.draw(values[field])
            case "remove":
                log.rows.pop(key, None)
            case _:
                target = entry_id(writer, data.draw(st.integers(1, 7)))
                log.rows[target] = {**data.draw(st.sampled_from(five)), "_id": target}
    if log.rows != {row["_id"]: row for row in five}:
        assert findings(log, heads)
    else:
        assert not findings(log, heads)


@pytest.mark.domain("Privacy: audit")
def test_without_a_place_on_disk_there_is_no_answer(audit: Audit, log: Log, heads: Heads) -> None:
    log.fail = 1
    with pytest.raises(NotRecorded) as refused:
        read(audit, "C1")
    assert refused.value.status == 503
    read(audit, "C2")
    assert [row["subjects"] for row in rows(log)] == [["C2"]]
    assert findings(log, heads) == []


@pytest.mark.parametrize("arrived", [0, 1, 2])
def test_the_chain_holds_after_a_write_whose_outcome_was_unknown(
    audit: Audit, log: Log, heads: Heads, arrived: int
) -> None:
    read(audit, "C0")
    log.fail, log.write_although_failing = 1, arrived
    outcomes = at_once(audit, ["C1", "C2"])
    assert outcomes == ["NotRecorded", "NotRecorded"]
    read(audit, "C3")
    audit.close()
    assert [row["subjects"][0] for row in rows(log)] == ["C0", *["C1", "C2"][:arrived], "C3"]
    assert findings(log, heads) == []


def test_a_write_that_arrives_after_it_was_looked_for_does_not_fork_the_chain(
    audit: Audit, log: Log, heads: Heads
) -> None:
    read(audit, "C0")
    log.fail = 1
    late: list[dict[str, Any]] = []
    insert = log.insert_many
    log.insert_many = lambda rows: (late.extend(rows), insert(rows))[1]  # type: ignore[method-assign]
    with pytest.raises(NotRecorded):
        read(audit, "C1")
    log.insert_many = lambda rows: (insert(late), insert(rows))[1]  # type: ignore[method-assign]
    with pytest.raises(NotRecorded):
        read(audit, "C2")
    log.insert_many = insert  # type: ignore[method-assign]
    read(audit, "C3")
    audit.close()
    assert [row["subjects"][0] for row in rows(log)] == ["C0", "C1", "C3"]
    assert findings(log, heads) == []


def at_once(audit: Audit, cases: list[str]) -> list[str]:
    """Reads each case in its own greenlet; returns the class of each one's error, "" for none."""

    def attempt(case: str) -> str:
        try:
            read(audit, case)
        except NotRecorded as error:
            return type(error).__name__
        return ""

    return [thread.wait() for thread in [eventlet.spawn(attempt, case) for case in cases]]


def test_entries_that_arrive_during_a_commit_are_committed_together(audit: Audit, log: Log, heads: Heads) -> None:
    first = eventlet.spawn(read, audit, "C0")
    while not log.rows:
        eventlet.sleep(0)
    assert at_once(audit, [f"C{number}" for number in range(1, 41)]) == [""] * 40
    first.wait()
    audit.close()
    assert log.batches == [1, 40]
    assert findings(log, heads) == []


def test_nobody_is_answered_before_the_first_head_is_kept(log: Any, heads: Heads, writer: str, clock: SetClock) -> None:
    broken = Broken(heads)
    audit = Audit(log, KEY, writer, clock, broken)
    with pytest.raises(NotRecorded):
        read(audit, "C1")
    broken.down = False
    read(audit, "C2")
    assert [head.number for head in heads.read()] == [0, 1]


def test_answers_go_on_while_a_later_head_waits_and_it_follows_when_it_can(
    log: Any, heads: Heads, writer: str, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chassis.audit.writer._HEAD_SECONDS", 0.01)
    broken = Broken(heads)
    broken.down = False
    audit = Audit(log, KEY, writer, clock, broken)
    read(audit, "C1")
    broken.down = True
    read(audit, "C2")
    with eventlet.Timeout(5):
        while not broken.refused:
            eventlet.sleep(0.01)
    assert [head.number for head in heads.read()] == [0, 1]
    broken.down = False
    with eventlet.Timeout(5):
        while [head.number for head in heads.read()] != [0, 1, 2]:
            eventlet.sleep(0.01)
    assert findings(log, heads) == []


def test_heads_follow_at_most_once_a_second(audit: Audit, heads: Heads, log: Log) -> None:
    for number in range(50):
        read(audit, f"C{number}")
    assert [head.number for head in heads.read()] == [0, 1]
    audit.close()
    assert [head.number for head in heads.read()] == [0, 1, 50]


def test_a_head_that_waits_is_published_once_for_all_that_came_meanwhile(
    audit: Audit, heads: Heads, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chassis.audit.writer._HEAD_SECONDS", 0.05)
    for number in range(4):
        read(audit, f"C{number}")
    with eventlet.Timeout(5):
        while (numbers := [head.number for head in heads.read()])[-1] != 4:
            eventlet.sleep(0.01)
    audit.close()
    assert numbers == [head.number for head in heads.read()] == sorted(set(numbers))


def test_a_process_can_end_while_its_heads_cannot_be_kept(log: Any, heads: Heads, writer: str, clock: SetClock) -> None:
    broken = Broken(heads)
    broken.down = False
    audit = Audit(log, KEY, writer, clock, broken)
    read(audit, "C1")
    read(audit, "C2")
    broken.down = True
    audit.close()
    assert [head.number for head in heads.read()] == [0, 1]


def test_a_process_that_recorded_nothing_leaves_no_chain(audit: Audit, log: Log, heads: Heads) -> None:
    audit.close()
    assert list(heads.read()) == []


def test_heads_come_back_as_they_were_published(heads: Heads, writer: str, clock: SetClock) -> None:
    key = ChainKey(KEY)
    published = [key.signed(Head(writer=writer, number=n, mac=f"{n:064x}", at=clock.now())) for n in range(3)]
    for head in published:
        heads.publish(head)
    assert list(heads.read()) == published == list(heads.read())
    assert all(key.signs(head) for head in published)


def test_a_message_that_is_no_head_is_told_as_forged(log: Any) -> None:
    heads = ListedHeads(base64.b64decode("/w=="), b"{}")
    assert findings(log, heads) == [(Tampering.FORGED_HEAD, 0, 0)] * 2


def test_each_services_chain_is_held_to_its_own_key_and_to_no_others(log: Any, heads: Heads, clock: SetClock) -> None:
    own = {"cases": b"c" * 32, "org": b"o" * 32}
    for service, key in own.items():
        read(Audit(log, key, new_writer(service, f"{service}-0"), clock, heads), "C1")
    assert verify([log], heads, {service: [key] for service, key in own.items()}).findings == []
    swapped = verify([log], heads, {"cases": [own["org"]], "org": [own["cases"]]}).findings
    assert {finding.tampering for finding in swapped} >= {Tampering.FORGED_HEAD, Tampering.NO_HEAD, Tampering.ALTERED}


def test_a_chain_that_the_key_before_has_signed_still_holds(log: Any, heads: Heads, clock: SetClock) -> None:
    for key in (b"s" * 32, b"c" * 32):
        read(Audit(log, key, new_writer("cases", "cases-0"), clock, heads), "C1")
    assert verify([log], heads, {"cases": [b"c" * 32, b"s" * 32]}).findings == []
    assert verify([log], heads, {"cases": [b"c" * 32]}).findings != []


def test_a_chain_of_an_unknown_service_does_not_hold(log: Any, heads: Heads, clock: SetClock) -> None:
    read(Audit(log, KEY, new_writer("stranger", "0"), clock, heads), "C1")
    found = {finding.tampering for finding in verify([log], heads, {"cases": [KEY]}).findings}
    assert found == {Tampering.FORGED_HEAD, Tampering.NO_HEAD, Tampering.ALTERED}
