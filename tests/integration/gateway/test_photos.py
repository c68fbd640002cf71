from __future__ import annotations

import hashlib
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from chassis.blobs.tickets import Ticket
from chassis.errors import NotFound
from chassis.security.principal_token import Verifier
from gateway.photos import routes
from launcher.servers.database import Database
from tests.integration.gateway.conftest import BrokerProcess
from tests.integration.gateway.running import Site, running

pytestmark = pytest.mark.anyio

KEY = {"Idempotency-Key": "k-1"}


def picture(kind: str = "JPEG", size: tuple[int, int] = (64, 48)) -> bytes:
    content = io.BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "a phone that tells who made it"
    Image.new("RGB", size, "orange").save(content, kind, exif=exif)
    return content.getvalue()


@pytest.fixture
async def site(broker_process: BrokerProcess, database: Database, tmp_path: Path) -> AsyncIterator[Site]:
    async with taking_photos(tmp_path, broker_process.uri, MONGODB_URI=database.uri("gateway")) as site:
        yield site


@asynccontextmanager
async def taking_photos(tmp_path: Path, uri: str, **more: str) -> AsyncIterator[Site]:
    async with running(tmp_path, uri, **more) as site:
        kept = site.kept

        def ticketed(purpose: Any, most: int, tenant: str = "wuhai", minutes: int = 10) -> dict[str, Any]:
            expires = datetime.now(UTC) + timedelta(minutes=minutes)
            photo = hashlib.sha256(str(tmp_path).encode()).hexdigest()[:16]
            ticket = Ticket(tenant=tenant, blob=photo, purpose=purpose, expires=expires, max_bytes=most)
            return {"id": photo, "ticket": site.state.tickets.issue(ticket), "expires": expires.isoformat()}

        async def ask_photo(call: dict[str, Any]) -> Any:
            return ticketed("upload", 10_000_000, **kept.get("ticket", {}))

        async def note_photo_stored(call: dict[str, Any]) -> Any:
            kept["stored"] = call["args"]
            return {"id": call["args"]["photo"], "state": "STORED"}

        async def view_photo(call: dict[str, Any]) -> Any:
            if "stored" not in kept:
                raise NotFound()
            return ticketed("view", 0)

        site.cases.answers |= {
            "ask_photo": ask_photo,
            "note_photo_stored": note_photo_stored,
            "view_photo": view_photo,
        }
        yield site


async def send(site: Site, content: bytes, headers: dict[str, str], purpose: str = "report") -> Any:
    file = {"file": ("IMG_0001.jpg", content, "image/jpeg")}
    return await site.http.post(routes.PATH, headers={**headers, **KEY}, data={"purpose": purpose}, files=file)


async def test_a_photo_is_stored_without_the_phones_metadata_and_can_be_viewed(site: Site) -> None:
    sent = await send(site, picture(), site.signed_in("u-hai"))
    assert sent.status_code == 201
    assert sent.headers["location"] == f"{routes.PATH}/{sent.json()['id']}"
    stored = site.kept["stored"]
    assert (stored["width"], stored["height"]) == (64, 48)
    seen = await site.http.get(f"{routes.PATH}/{sent.json()['id']}", headers=site.signed_in("u-hai"))
    assert seen.headers["content-type"] == "image/jpeg"
    assert hashlib.sha256(seen.content).hexdigest() == stored["sha256"]
    assert b"a phone" not in seen.content
    assert [call["args"] for call in site.cases.calls if call["method"] == "ask_photo"] == [{"purpose": "report"}]


async def test_an_unknown_photo_is_a_regular_problem(site: Site) -> None:
    for photo, status in (("unknown", 404), ("a.b", 422)):
        answer = await site.http.get(f"{routes.PATH}/{photo}", headers=site.signed_in("u-hai"))
        assert answer.headers["content-type"] == "application/problem+json"
        assert (answer.status_code, answer.json()["status"]) == (status, status)
        assert answer.json()["title"]


async def test_no_photo_travels_over_the_broker(site: Site) -> None:
    await send(site, picture(size=(600, 400)), site.signed_in("u-hai"))
    assert all(len(str(call)) < 3000 for call in site.cases.calls)


@pytest.mark.parametrize(
    ("content", "status"),
    [(b"<svg/>", 415), (picture()[:100], 415), (picture("PNG", (6000, 6000)), 413), (b"x" * 13_000_000, 413)],
    ids=["no picture", "half a picture", "too many pixels", "too many bytes"],
)
async def test_an_invalid_photo_or_a_decompression_bomb_is_refused(site: Site, content: bytes, status: int) -> None:
    answer = await send(site, content, site.signed_in("u-hai"))
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert "stored" not in site.kept


async def test_a_photo_sent_twice_gets_the_same_answer(site: Site) -> None:
    first = await send(site, picture(), site.signed_in("u-hai"))
    again = await send(site, picture(), site.signed_in("u-hai"))
    assert (first.status_code, again.json()) == (201, first.json())


@pytest.mark.parametrize("ticket", [{"tenant": "yaan"}, {"minutes": -1}])
async def test_an_expired_or_foreign_ticket_stores_nothing(site: Site, ticket: dict[str, Any]) -> None:
    site.kept["ticket"] = ticket
    assert (await send(site, picture(), site.signed_in("u-hai"))).status_code == 403
    assert "stored" not in site.kept


async def test_visitors_without_a_sign_in_send_photos_and_are_never_confused(site: Site) -> None:
    visits = ["first secret visit", "second secret visit", "first secret visit"]
    for visit in visits:
        await send(site, picture(), {"Linli-Tenant": "wuhai", "Linli-Visit": visit})
    asked = [call["principal"] for call in site.cases.calls if call["method"] == "ask_photo"]
    verify = Verifier(site.state.settings.principal_key.public_key()).verify
    subjects = [verify(token).subject for token in asked]
    assert subjects[0] == subjects[2] != subjects[1]
    assert all("secret" not in subject for subject in subjects)


async def test_a_photo_needs_a_form_a_key_and_a_purpose(site: Site) -> None:
    headers = site.signed_in("u-hai")
    raw = await site.http.post(routes.PATH, headers={**headers, **KEY}, content=picture())
    unnamed = await site.http.post(routes.PATH, headers={**headers, **KEY}, files={"file": picture()})
    keyless = await site.http.post(routes.PATH, headers=headers, files={"file": picture()})
    assert [answer.status_code for answer in (raw, unnamed, keyless)] == [415, 422, 400]


async def test_a_store_that_cannot_be_reached_is_503(broker_process: BrokerProcess, tmp_path: Path, site: Site) -> None:
    async with running(tmp_path, broker_process.uri) as elsewhere:
        elsewhere.cases.answers = site.cases.answers
        headers = {"Authorization": f"Bearer {elsewhere.token('u-hai')}"}
        answer = await send(elsewhere, picture(), headers)
        assert answer.status_code == 503
        assert "retry-after" in answer.headers
