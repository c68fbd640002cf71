from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from chassis.context import Context
from chassis.errors import Invalid, NotFound, Problem
from chassis.security.principal import Principal
from chassis.validation import convert
from services.cases.api.evidence import Stored
from services.cases.case.model.case import Case
from services.cases.evidence import events
from services.cases.evidence.model import (
    Comment,
    Photo,
    PhotoElsewhere,
    PhotoState,
    WrongPhotoState,
)
from tests.contract.cases.hidden.kept import Desk
from tests.contract.cases.hidden.world import directory
from tests.unit.cases import people as p

pytestmark = pytest.mark.domain("外卖骑手民情收集员, 随手拍/及时传")

NOW = datetime(2026, 11, 19, 2, tzinfo=UTC)
DAY = timedelta(days=1)
RIDER = Principal(tenant="wuhai", subject="rider", roles=frozenset({"courier"}))
OTHER = Principal(tenant="wuhai", subject="other", roles=frozenset({"courier"}))
GOOD = Stored(sha256="0" * 64, size=200_000, width=1600, height=1200)


def pending() -> Photo:
    return Photo.ask("P1", RIDER, "report", NOW)


def stored() -> Photo:
    photo = pending()
    photo.store(RIDER, GOOD)
    return photo


def attached() -> Photo:
    photo = stored()
    photo.attach("C1")
    return photo


def test_a_photo_is_asked_for_stored_and_attached() -> None:
    photo = attached()
    assert (photo.state, photo.subject, photo.size) == (PhotoState.ATTACHED, "C1", 200_000)
    assert photo.pending == [events.PhotoAttached(subject="C1", purpose="report")]


@pytest.mark.parametrize(
    "fault",
    [{"sha256": "zz"}, {"size": 0}, {"size": 10_000_001}, {"width": 9000, "height": 9000}, {"height": 0}],
)
def test_a_photo_of_invalid_size_is_refused(fault: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        convert(msgspec.to_builtins(GOOD) | fault, Stored)


def test_only_the_owner_stores_and_uses_a_photo() -> None:
    with pytest.raises(NotFound):
        pending().store(OTHER, GOOD)
    with pytest.raises(NotFound):
        stored().require_usable_by(OTHER, NOW)
    stored().require_usable_by(RIDER, NOW)


def test_a_photo_without_its_bytes_is_not_usable() -> None:
    with pytest.raises(WrongPhotoState):
        pending().require_usable_by(RIDER, NOW)
    with pytest.raises(WrongPhotoState):
        pending().attach("C1")


def test_a_photo_belongs_to_one_matter_and_attaching_is_idempotent() -> None:
    photo = attached()
    photo.attach("C1")
    assert len(photo.pending) == 1
    with pytest.raises(PhotoElsewhere):
        photo.attach("C2")
    with pytest.raises(PhotoElsewhere):
        photo.require_usable_by(RIDER, NOW)


def test_a_photo_that_a_step_has_claimed_is_refused_to_others_before_its_event() -> None:
    photo = stored()
    photo.claim(RIDER, "C1", NOW)
    photo.claim(RIDER, "C1", NOW)
    with pytest.raises(PhotoElsewhere):
        photo.claim(RIDER, "C2", NOW + timedelta(minutes=9))
    photo.claim(RIDER, "C2", NOW + timedelta(minutes=10))  # the step of the first came to nothing
    photo.attach("C2")


def reported() -> tuple[Desk, str]:
    """A report with a photo, whose event is still on its way; returns also the id of its case."""
    photo = Photo.ask("P1", p.RESIDENT, "report", p.START)
    photo.store(p.RESIDENT, GOOD)
    desk = Desk([photo, *directory()])
    return desk, str(desk._call("first", p.START, p.RESIDENT, "report", form_of("streetlight"))["id"])


def form_of(category: str) -> dict[str, Any]:
    return {"category": category, "place": {"path": p.GRID}, "text": "灯坏了", "photos": ["P1"]}


def test_a_photo_that_a_case_shows_is_refused_to_others_however_late_its_event_is() -> None:
    desk, case = reported()
    with pytest.raises(PhotoElsewhere):
        desk._call("second", p.START + timedelta(hours=1), p.RESIDENT, "report", form_of("manhole-cover"))
    desk.follow(p.START + timedelta(hours=2))
    assert desk.records[Case, case].photos == ["P1"]
    assert desk.records[Photo, "P1"].subject == case


def test_an_event_that_comes_after_another_took_the_photo_takes_it_out_of_its_case() -> None:
    desk, case = reported()
    desk.records[Photo, "P1"].attach("another")
    desk.follow(p.START + timedelta(hours=2))
    assert desk.records[Case, case].photos == []


def sweep(desk: Desk, now: datetime) -> None:
    """As the timer does, with an empty queue: no event that is known of is on its way."""
    data = desk.service.data.of(Context(tenant=p.TENANT, actor="", now=now, correlation_id="sweep"))
    data.events_known_until = now
    desk.service.data.fire_due = lambda data, model, act: data.change(model, "P1", act)  # type: ignore[method-assign]
    desk.service._sweep(data)


def test_a_photo_that_a_case_shows_is_kept_though_its_event_has_not_come_for_days() -> None:
    desk, case = reported()
    sweep(desk, p.START + 30 * DAY)
    assert desk.records[Photo, "P1"].state == PhotoState.ATTACHED
    desk.follow(p.START + 30 * DAY)
    assert desk.records[Case, case].photos == ["P1"]
    assert [event.name for event in desk.told].count("cases.photo.attached.v1") == 1


def test_a_photo_that_was_claimed_for_a_step_that_failed_is_swept() -> None:
    desk, case = reported()
    desk.records[Case, case].lose_photos(["P1"])
    sweep(desk, p.START + 30 * DAY)
    assert desk.records[Photo, "P1"].state == PhotoState.REMOVED


def test_a_photo_is_usable_for_a_day() -> None:
    stored().require_usable_by(RIDER, NOW + DAY - timedelta(seconds=1))
    with pytest.raises(WrongPhotoState):
        stored().require_usable_by(RIDER, NOW + DAY)


@pytest.mark.parametrize("make", [pending, stored])
def test_a_photo_that_is_never_attached_is_removed_a_day_after_its_last_use(make: Callable[[], Photo]) -> None:
    photo = make()
    # `sweep` gets up to when the events are known: one of before may still attach the photo.
    photo.sweep(NOW + 2 * DAY - timedelta(seconds=1), shown=False)
    assert photo.state != PhotoState.REMOVED
    assert photo.due_at() == NOW + 2 * DAY
    photo.sweep(NOW + 2 * DAY, shown=False)
    photo.sweep(NOW + 2 * DAY, shown=False)
    assert photo.pending == [events.PhotoRemoved(subject="", reason="orphan")]


def test_an_attached_photo_is_never_removed_as_an_orphan() -> None:
    photo = attached()
    assert photo.due_at() is None
    photo.sweep(NOW + 100 * DAY, shown=False)
    assert photo.state == PhotoState.ATTACHED


def test_a_removed_photo_is_purged_only_once_its_bytes_are_deleted() -> None:
    photo = attached()
    with pytest.raises(Problem):
        photo.note_purged()
    photo.remove("erased")
    photo.note_purged()
    assert photo.purged


def comment(by: Principal = RIDER) -> Comment:
    return Comment.write("K1", by, case="C1", area="/1503/", visibility="staff", text="sealed", now=NOW)


@pytest.mark.domain("The case: Reporters")
def test_the_event_of_a_confidential_reporters_comment_has_no_actor() -> None:
    hidden = Comment.write(
        "K1", RIDER, case="C1", area="/1503/", visibility="staff", text="sealed", now=NOW, hidden=True
    )
    assert (hidden.event_actor("rider"), comment().event_actor("rider")) == ("", "rider")


def test_a_party_can_read_its_own_comment() -> None:
    clerk = Principal(tenant="wuhai", subject="clerk", roles=frozenset({"street"}))
    assert [comment(by).visibility for by in (RIDER, clerk)] == ["parties", "staff"]
