"""The API reference at the gateway's address, and the methods that every address has beside its operations."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.photos.routes import PATH as PHOTOS
from tests.integration.gateway.conftest import BrokerProcess
from tests.integration.gateway.running import Site, running

pytestmark = pytest.mark.anyio


@pytest.fixture
async def site(broker_process: BrokerProcess, tmp_path: Path) -> AsyncIterator[Site]:
    async with running(tmp_path, broker_process.uri) as site:
        yield site


async def test_the_address_of_the_gateway_leads_to_swagger_ui(site: Site) -> None:
    page = await site.http.get("/", follow_redirects=True)
    assert (page.status_code, page.url.path) == (200, "/docs")
    assert "swagger-ui-bundle" in page.text
    assert 'id="sign-in"' in page.text


async def test_all_that_the_page_loads_comes_from_the_gateway_and_nothing_else_may(site: Site) -> None:
    page = await site.http.get("/docs")
    policy = page.headers["content-security-policy"]
    assert policy.startswith("default-src 'self'; img-src 'self' data:;")
    assert not {"unsafe-inline", "unsafe-eval", "http:", "https:", "*"} & set(re.split("[ ';]+", policy))
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script>", page.text)
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(loaded) == 6
    for address in (each for each in loaded if not each.startswith("data:")):
        assert address.startswith("/")
        assert (await site.http.get(address)).status_code == 200, address


async def test_a_file_of_the_page_is_kept_for_good_under_a_name_that_changes_with_it(site: Site) -> None:
    page = await site.http.get("/docs")
    for address in re.findall(r'"(/docs/[^"]+)"', page.text):
        assert re.fullmatch(r"/docs/[a-z-]+\.[0-9a-f]{16}\.(js|css)", address)
        file = await site.http.get(address)
        assert file.headers["cache-control"].endswith("immutable")
        assert file.headers["content-encoding"] == "gzip"
        plain = await site.http.get(address, headers={"Accept-Encoding": "identity"})
        assert (plain.content, "content-encoding" in plain.headers) == (file.content, False)
    assert (await site.http.get("/docs/page.js")).status_code == 404


async def test_the_page_itself_is_asked_for_again_and_sent_only_if_it_changed(site: Site) -> None:
    page = await site.http.get("/docs")
    again = await site.http.get("/docs", headers={"If-None-Match": page.headers["etag"]})
    assert (page.headers["cache-control"], again.status_code, again.content) == ("no-cache", 304, b"")


async def test_the_description_is_compressed_for_whoever_takes_that(site: Site) -> None:
    packed = await site.http.get("/v1/openapi.json")
    plain = await site.http.get("/v1/openapi.json", headers={"Accept-Encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert int(packed.headers["content-length"]) * 5 < int(plain.headers["content-length"])
    assert packed.json() == plain.json()


async def test_the_sign_in_of_the_page_uses_what_the_api_declares(site: Site) -> None:
    page = await site.http.get("/docs")
    [script] = [each for each in re.findall(r'src="([^"]+)"', page.text) if "/page." in each]
    text = (await site.http.get(script)).text
    document = (await site.http.get("/v1/openapi.json")).json()
    assert (
        set(re.findall(r'input name="(\w+)"', page.text))
        <= document["components"]["schemas"]["SignIn"]["properties"].keys()
    )
    assert (
        set(re.findall(r"told\.(\w+)", text)) - {"title"}
        <= document["components"]["schemas"]["SignedIn"]["properties"].keys()
    )
    assert f'"{next(iter(document["components"]["securitySchemes"]))}"' in text


async def test_head_answers_wherever_get_does(site: Site) -> None:
    document = (await site.http.get("/v1/openapi.json")).json()
    signed_in = site.signed_in("u-lan")
    for path in [path for path, verbs in document["paths"].items() if "get" in verbs] + ["/docs", "/v1/openapi.json"]:
        address = re.sub(r"{\w+}", "1", path)
        if path.startswith(PHOTOS):
            continue  # its ticket is of the real service
        head = await site.http.head(address, headers=signed_in)
        if path == "/v1/events":
            assert (head.status_code, head.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
        else:
            got = await site.http.get(address, headers=signed_in)
            assert (head.status_code, head.headers["content-type"]) == (got.status_code, got.headers["content-type"]), (
                path
            )


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/v1/cases", "GET, HEAD, OPTIONS, POST"),
        ("/v1/cases/7", "GET, HEAD, OPTIONS"),
        ("/v1/cases/7/accept", "OPTIONS, POST"),
        ("/v1/grids/g-1", "GET, HEAD, OPTIONS, PUT"),
        ("/v1/photos/p-1", "GET, HEAD, OPTIONS"),
        ("/docs", "GET, HEAD, OPTIONS"),
    ],
)
async def test_an_address_tells_its_methods_and_answers_all_of_them(site: Site, path: str, allowed: str) -> None:
    told = await site.http.options(path)
    assert (told.status_code, told.headers["allow"], told.content) == (204, allowed, b"")
    for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"):
        answer = await site.http.request(method, path)
        assert (answer.status_code == 405) is (method not in allowed.split(", ")), method
        if answer.status_code == 405:
            assert answer.headers["allow"] == allowed


async def test_an_address_that_does_not_exist_has_no_methods(site: Site) -> None:
    assert (await site.http.options("/v1/nothing")).status_code == 404
