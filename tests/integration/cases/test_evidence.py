"""Photos and comments through the running service."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from chassis.blobs.store import Blob, BlobUnknown, TenantBlobs, store_of
from chassis.blobs.tickets import BadTicket, Tickets
from chassis.security.root_keys import read_key
from tests.integration.cases.town import COMMUNITY, HOME, LAMP, Town
from tests.servers.waiting import wait_for

pytestmark = pytest.mark.domain("外卖骑手民情收集员, 随手拍/及时传")

STORED = {"sha256": "0" * 64, "size": 3, "width": 4, "height": 3}


def blobs(town: Town) -> TenantBlobs:
    return TenantBlobs(store_of(town.site.service_settings("cases")), town.tenant)


def sent(town: Town, by: Any) -> str:
    """As the gateway does it: asks, writes the bytes by the ticket, and says so."""
    asked = town.ask(by, "ask_photo", purpose="report")
    tickets = Tickets(read_key(town.site.keys.file("ticket.key").read_bytes()))
    ticket = tickets.check(asked["ticket"], town.tenant, "upload", town.site.now)
    assert ticket.blob == asked["id"]
    blobs(town).put(ticket.blob, Blob(b"jpg", "image/jpeg"))
    town.ask(by, "note_photo_stored", photo=asked["id"], **STORED)
    return str(asked["id"])


def reported(town: Town, by: Any, photo: str) -> str:
    form = {"category": LAMP, "place": {"path": COMMUNITY, **HOME}, "text": "灯坏了", "photos": [photo]}
    case = town.ask(by, "report", **form)["id"]
    wait_for(lambda: town.stored("photos", subject=case, state="ATTACHED"))
    return str(case)


@pytest.mark.domain("随手拍")
def test_a_couriers_photo_comes_with_the_report_and_who_sees_the_case_sees_it(town: Town) -> None:
    courier = town.who("courier", subject="rider")
    photo = sent(town, courier)
    reported(town, courier, photo)
    view = town.ask("community", "view_photo", photo=photo)
    tickets = Tickets(read_key(town.site.keys.file("ticket.key").read_bytes()))
    assert tickets.check(view["ticket"], town.tenant, "view", town.site.now).blob == photo
    with pytest.raises(BadTicket):
        tickets.check(view["ticket"], "elsewhere", "view", town.site.now)
    for by in ("urban", "neighbour"):
        assert town.refused(by, "view_photo", photo=photo) == "not_found"


def test_a_photo_of_somebody_else_or_of_another_case_is_not_taken(town: Town) -> None:
    photo = sent(town, "resident")
    form = {"category": LAMP, "place": {"path": COMMUNITY}, "photos": [photo]}
    assert town.refused("neighbour", "report", **form) == "invalid"
    reported(town, "resident", photo)
    assert town.refused("resident", "report", **(form | {"category": "event.appearance.noise"})) == ("photo.elsewhere")


@pytest.mark.domain("The case: 催办")
def test_the_photos_of_another_report_of_the_open_matter_become_evidence_of_its_case(town: Town) -> None:
    case = town.report()["id"]
    photos = [sent(town, "resident"), sent(town, "resident")]
    answers = [town.report(photos=[photo]) for photo in photos]
    assert [(again["id"], again["urged"]) for again in answers] == [(case, True), (case, False)]
    wait_for(lambda: town.stored("photos", subject=case, state="ATTACHED") == len(photos))
    assert town.ask("street", "get_case", case=case)["photos"] == photos
    for photo in photos:
        assert town.ask("community", "view_photo", photo=photo)["ticket"]
        assert town.refused("neighbour", "view_photo", photo=photo) == "not_found"


def test_a_repeated_step_is_answered_again_though_its_photos_have_a_case_by_now(town: Town) -> None:
    opened, urged = [sent(town, "resident"), sent(town, "resident")]
    first = [town.report(key=opened, photos=[opened]), town.report(key=urged, photos=[urged])]
    wait_for(lambda: town.stored("photos", state="ATTACHED") == len(first))
    assert [town.report(key=opened, photos=[opened]), town.report(key=urged, photos=[urged])] == first


def test_a_photo_that_was_never_attached_is_swept_with_its_bytes(town: Town) -> None:
    orphan, used = sent(town, "resident"), sent(town, "resident")
    reported(town, "resident", used)
    town.site.advance(timedelta(hours=49))
    wait_for(lambda: town.stored("photos", state="REMOVED", purged=True), seconds=90)
    assert blobs(town).get(used).data == b"jpg"
    with pytest.raises(BlobUnknown):
        blobs(town).get(orphan)
    assert town.refused("resident", "view_photo", photo=orphan) == "not_found"


def test_comments_are_sealed_and_a_party_reads_those_that_are_meant_for_it(town: Town) -> None:
    case = town.report()["id"]
    town.ask("community", "comment", case=case, text="内部意见")
    town.ask("community", "comment", case=case, text="请保持电话畅通", visibility="parties")
    listed = [comment["id"] for comment in town.ask("street", "list_comments", case=case)["items"]]
    assert len(listed) == 2
    [read] = town.site.collections("cases")["audit"].find({"tenant": town.tenant, "action": "cases.comment.read"})
    assert read["subjects"] == listed
    [told] = town.ask("resident", "list_comments", case=case)["items"]
    assert (told["text"], "author" in told) == ("请保持电话畅通", False)
    assert town.refused("supervisor", "list_comments", case=case) == "wrong_role"
    assert "电话" not in str(list(town.site.collections("cases")["comments"].find({"tenant": town.tenant})))


@pytest.mark.domain("The case: Reporters")
def test_a_comment_does_not_name_its_hidden_reporter(town: Town) -> None:
    case = town.report(confidentiality="confidential")["id"]
    town.ask("resident", "comment", case=case, text="请尽快处理")
    [told] = town.ask("community", "list_comments", case=case)["items"]
    assert (told["text"], told["author"]) == ("请尽快处理", "")
    [stored] = town.site.collections("cases")["comments"].find({"tenant": town.tenant})
    assert stored["hidden"]
