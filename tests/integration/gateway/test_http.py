from __future__ import annotations

import base64
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from chassis.errors import Invalid, NotFound, RemoteProblem
from chassis.security.principal_token import Verifier
from tests.integration.gateway.conftest import BrokerProcess
from tests.integration.gateway.fake import FakeService
from tests.integration.gateway.running import Site, running

pytestmark = pytest.mark.anyio

REPORT = {"category": "event.city.litter", "place": {"path": "/1503/150302/150302011/"}, "text": "a broken lamp"}


@pytest.fixture
async def site(broker_process: BrokerProcess, tmp_path: Path) -> AsyncIterator[Site]:
    async with running(tmp_path, broker_process.uri) as site:
        yield site


async def test_a_request_without_a_sign_in_is_challenged(site: Site) -> None:
    answer = await site.http.get("/v1/cases/7")
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert answer.headers["content-type"] == "application/problem+json"
    assert site.cases.calls == []


async def test_a_call_reaches_the_service_with_the_principal_that_org_names(site: Site) -> None:
    await site.http.get("/v1/cases/7", headers=site.signed_in("u-lan"))
    [call] = site.cases.calls
    assert (call["method"], call["args"]) == ("get_case", {"case": "7"})
    principal = Verifier(site.state.settings.principal_key.public_key()).verify(call["principal"])
    assert (principal.tenant, principal.subject, principal.roles) == ("wuhai", "u-lan", frozenset({"street"}))
    assert principal.area == "/1503/150302/150302011/"


async def test_roles_in_a_token_are_ignored(site: Site) -> None:
    answer = await site.http.get("/v1/me", headers=site.signed_in("u-hai"))
    assert answer.json()["roles"] == ["resident"]


@pytest.mark.parametrize(("accept", "words"), [("en", "it must be a text"), ("zh-CN", "须为文本"), ("", "须为文本")])
async def test_each_bad_field_is_named_in_the_readers_language(site: Site, accept: str, words: str) -> None:
    body = {"reason": 7, "unknown": {"$ne": None}}
    headers = site.signed_in("u-lan", **({"Accept-Language": accept} if accept else {}))
    answer = await site.http.post("/v1/cases/7/withdraw", headers=headers, json=body)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    fields = {field["field"]: field["reason"] for field in answer.json()["fields"]}
    assert fields["reason"] == words
    assert set(fields) == {"reason", "unknown"}
    assert site.cases.calls == []


async def test_a_problem_of_a_service_is_passed_on_unchanged(site: Site) -> None:
    async def missing(_: Any) -> None:
        raise NotFound()

    site.cases.answers["get_case"] = missing
    answer = await site.http.get("/v1/cases/7", headers=site.signed_in("u-lan", **{"Accept-Language": "en"}))
    assert answer.status_code == 404
    problem = answer.json()
    assert problem["type"] == "urn:linli:problem:not_found"
    assert problem["title"] == NotFound.en
    assert problem["correlation_id"] == answer.headers["x-correlation-id"]


@pytest.mark.parametrize(("accept", "words"), [("en", "it is closed"), ("zh-CN", "已撤销")])
async def test_a_fault_from_a_service_is_shown_in_the_readers_language(site: Site, accept: str, words: str) -> None:
    async def closed(_: Any) -> None:
        raise Invalid(("lead", "it is closed", "已撤销"))

    site.cases.answers["withdraw"] = closed
    headers = site.signed_in("u-lan", **{"Accept-Language": accept})
    answer = await site.http.post("/v1/cases/7/withdraw", headers=headers, json={"reason": "mistaken"})
    assert answer.json()["fields"] == [{"field": "lead", "reason": words}]


async def test_a_foreign_id_answers_like_one_that_does_not_exist(site: Site) -> None:
    async def missing(_: Any) -> None:
        raise NotFound()

    site.cases.answers["get_case"] = missing
    answers = [
        await site.http.get(f"/v1/cases/{case}", headers=site.signed_in("u-lan", **{"X-Correlation-ID": "same"}))
        for case in ("another-citys", "nobodys")
    ]
    assert answers[0].content == answers[1].content
    volatile = {"date", "ratelimit"}
    first, second = ({k: v for k, v in each.headers.items() if k not in volatile} for each in answers)
    assert first == second


@pytest.mark.parametrize("case", ["$ne", "a b", "x" * 65, "a%00b", "{}"])
async def test_an_invalid_id_never_reaches_a_service(site: Site, case: str) -> None:
    answer = await site.http.get(f"/v1/cases/{case}", headers=site.signed_in("u-lan"))
    assert answer.status_code in (404, 422)
    assert site.cases.calls == []


@pytest.mark.parametrize("query", ["state[$ne]=x", "where=x", "limit=0", "limit=x", "state=a&state=b"])
async def test_a_filter_takes_single_known_values(site: Site, query: str) -> None:
    answer = await site.http.get(f"/v1/cases?{query}", headers=site.signed_in("u-lan"))
    assert answer.status_code == 422
    assert answer.json()["fields"]
    assert site.cases.calls == []


async def test_a_list_continues_with_its_own_cursor_only(site: Site) -> None:
    async def listed(call: dict[str, Any]) -> Any:
        start = call["args"].get("after") or 0
        return {"items": [{"n": start}, {"n": start + 1}], "next": start + 2}

    site.cases.answers["list_cases"] = listed
    headers = site.signed_in("u-lan")
    first = (await site.http.get("/v1/cases?state=REGISTERED", headers=headers)).json()
    second = await site.http.get(f"/v1/cases?state=REGISTERED&cursor={first['cursor']}", headers=headers)
    assert [row["n"] for row in second.json()["items"]] == [2, 3]
    for other in (f"state=CLOSED&cursor={first['cursor']}", "state=REGISTERED&cursor=eyJmb28iOjF9"):
        refused = await site.http.get(f"/v1/cases?{other}", headers=headers)
        assert refused.json()["code"] == "bad_cursor"
    yaan = await site.http.get(
        f"/v1/cases?state=REGISTERED&cursor={first['cursor']}", headers=site.signed_in("u-lan", "yaan")
    )
    assert yaan.json()["code"] == "bad_cursor"


async def test_rows_have_only_the_requested_fields(site: Site) -> None:
    async def listed(_: Any) -> Any:
        return {"items": [{"id": "1", "state": "CLOSED", "lead": "a"}, {"id": "2", "lead": "b"}], "next": None}

    site.cases.answers["list_cases"] = listed
    answer = await site.http.get("/v1/cases?fields=id,state", headers=site.signed_in("u-lan"))
    assert answer.json() == {"items": [{"id": "1", "state": "CLOSED"}, {"id": "2"}], "cursor": None}
    assert "fields" not in site.cases.calls[0]["args"]


async def test_a_new_resource_has_a_location_if_it_can_be_read(site: Site) -> None:
    async def made(_: Any) -> Any:
        return {"id": "C7", "code": "x", "version": 1}

    async def added(_: Any) -> Any:
        return {"id": "u-new"}

    async def unseen(_: Any) -> Any:
        return {"id": "", "urged": True}

    async def created(path: str, body: dict[str, Any]) -> str | None:
        headers = site.signed_in("u-lan", **{"Idempotency-Key": f"at-{path}"})
        answer = await site.http.post(path, headers=headers, json=body)
        assert answer.status_code == 201
        return answer.headers.get("location")

    site.cases.answers |= {"report": made, "hold_accountable": made, "comment": made}
    site.org.answers["add_user"] = added
    assert await created("/v1/cases", REPORT) == "/v1/cases/C7"
    assert await created("/v1/proceedings/accountability", {"unit": "water"}) == "/v1/proceedings/accountability/C7"
    user = {"login": "chen.bo", "password": "an orchard in spring", "name": "陈波"}
    assert await created("/v1/users", user) == "/v1/users/u-new"
    # Comments are only listed, and a case that the caller may not see has no address.
    assert await created("/v1/cases/C7/comments", {"text": "seen"}) is None
    site.cases.answers["report"] = unseen
    assert await created("/v1/cases", REPORT) is None


async def test_a_page_of_a_record_is_stored_and_never_shown(site: Site, broker_process: BrokerProcess) -> None:
    async def page(_: dict[str, Any]) -> Any:
        content = base64.b64encode("<!DOCTYPE html><title>个人信息副本</title>".encode()).decode()
        return {"name": "个人信息副本.html", "mime": "text/html", "content": content}

    residents = FakeService(broker_process.uri, "residents")
    residents.answers["print_own_record"] = page
    await residents.start()
    try:
        answer = await site.http.get("/v1/own-records/R1/page", headers=site.signed_in("u-lan"))
    finally:
        await residents.stop()
    assert answer.text == "<!DOCTYPE html><title>个人信息副本</title>"
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-disposition"].startswith("attachment; filename*=UTF-8''%E4%B8%AA")
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert answer.headers["cache-control"] == "no-store"


async def test_a_creation_needs_an_idempotency_key(site: Site) -> None:
    headers = site.signed_in("u-lan")
    refused = await site.http.post("/v1/cases", headers=headers, json=REPORT)
    assert (refused.status_code, refused.json()["code"]) == (400, "idempotency_key_missing")
    made = await site.http.post("/v1/cases", headers={**headers, "Idempotency-Key": "k-1"}, json=REPORT)
    assert made.status_code == 201
    assert [call["key"] for call in site.cases.calls] == ["k-1"]


async def test_the_version_travels_as_etag_and_if_match(site: Site) -> None:
    async def versioned(_: Any) -> Any:
        return {"id": "7", "version": 4}

    site.cases.answers["get_case"] = versioned
    headers = site.signed_in("u-lan")
    seen = await site.http.get("/v1/cases/7", headers=headers)
    assert seen.headers["etag"] == '"4"'
    body = {"reason": "settled"}
    await site.http.post("/v1/cases/7/withdraw", headers={**headers, "If-Match": seen.headers["etag"]}, json=body)
    assert site.cases.calls[-1]["if_match"] == 4
    refused = await site.http.post("/v1/cases/7/withdraw", headers={**headers, "If-Match": "4"}, json=body)
    assert refused.status_code == 400


async def test_a_weak_etag_matches_no_version(site: Site) -> None:
    headers = site.signed_in("u-lan", **{"If-Match": 'W/"4"'})
    refused = await site.http.post("/v1/cases/7/withdraw", headers=headers, json={"reason": "settled"})
    assert (refused.status_code, refused.json()["code"], site.cases.calls) == (412, "version_weak", [])


async def test_a_merge_patch_reaches_the_service_whole_with_its_nulls_and_the_version(site: Site) -> None:
    headers = site.signed_in("u-adm", **{"Content-Type": "application/merge-patch+json", "If-Match": '"4"'})
    patch = b'{"limits": {"case": {"P3": null}}, "name": null}'
    await site.http.patch("/v1/tenant", headers=headers, content=patch)
    asked = site.org.calls[-1]
    assert (asked["method"], asked["if_match"]) == ("change_settings", 4)
    assert asked["args"] == {"patch": {"limits": {"case": {"P3": None}}, "name": None}}
    for content, kind, status in (
        (b"[]", "merge-patch+json", 422),
        (b"{}", "json", 415),
        (b"{", "merge-patch+json", 422),
    ):
        wrong = {**headers, "Content-Type": f"application/{kind}"}
        assert (await site.http.patch("/v1/tenant", headers=wrong, content=content)).status_code == status


@pytest.mark.parametrize(
    ("if_match", "content", "status"),
    [
        ('"4"', '{"name": "a", "name": "b"}', 400),
        ('"4"', '{"limits": {"case": {"P3": "5wd", "P3": "7d"}}}', 400),
        ('"4"', '{"calendar": {"rest": [{"day": 1, "day": 2}]}}', 400),
        ('"4"', '{"name": "a", "limits": {"name": "a"}}', 200),
        ("*", '{"name": "a"}', 400),
    ],
)
async def test_a_merge_patch_says_each_thing_once_and_of_which_version(
    site: Site, if_match: str, content: str, status: int
) -> None:
    headers = site.signed_in("u-adm", **{"Content-Type": "application/merge-patch+json", "If-Match": if_match})
    answer = await site.http.patch("/v1/tenant", headers=headers, content=content)
    assert answer.status_code == status
    assert ("change_settings" in [call["method"] for call in site.org.calls]) == (status == 200)
    if status == 400:
        assert answer.json()["code"] == "bad_request"


async def test_the_api_describes_a_merge_patch_with_every_member_optional(site: Site) -> None:
    document = (await site.http.get("/v1/openapi.json")).json()
    operation = document["paths"]["/v1/tenant"]["patch"]
    assert "428" in operation["responses"]
    [if_match] = [each for each in operation["parameters"] if each["name"] == "If-Match"]
    assert if_match["required"]
    [(media_type, body)] = operation["requestBody"]["content"].items()
    assert media_type == "application/merge-patch+json"
    shape = document["components"]["schemas"][body["schema"]["$ref"].rpartition("/")[2]]
    assert "required" not in shape or shape["required"] == []
    assert {"name", "limits", "categories"} <= set(shape["properties"])


async def test_a_report_without_a_sign_in_names_the_city(site: Site) -> None:
    key = {"Idempotency-Key": "k"}
    refused = await site.http.post("/v1/cases", headers=key, json=REPORT)
    assert refused.status_code == 400
    made = await site.http.post("/v1/cases", headers={**key, "Linli-Tenant": "wuhai"}, json=REPORT)
    assert made.status_code == 201
    principal = Verifier(site.state.settings.principal_key.public_key()).verify(site.cases.calls[0]["principal"])
    assert (principal.tenant, principal.roles) == ("wuhai", frozenset({"resident"}))
    assert principal.subject.startswith("anonymous:")
    assert site.cases.calls[0]["args"]["confidentiality"] == "anonymous"


async def test_a_bad_token_is_refused_even_where_none_is_needed(site: Site) -> None:
    headers = {"Idempotency-Key": "k", "Linli-Tenant": "wuhai", "Authorization": "Bearer forged"}
    assert (await site.http.post("/v1/cases", headers=headers, json=REPORT)).status_code == 401


async def test_a_request_over_its_size_is_refused_announced_or_not(site: Site) -> None:
    headers = site.signed_in("u-lan", **{"Content-Type": "application/json"})
    large = b'{"reason":"' + b"x" * 300_000 + b'"}'

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(large), 10_000):
            yield large[start : start + 10_000]

    announced = await site.http.post("/v1/cases/7/withdraw", headers=headers, content=large)
    streamed = await site.http.post("/v1/cases/7/withdraw", headers=headers, content=pieces())
    assert (announced.status_code, streamed.status_code) == (413, 413)
    assert site.cases.calls == []


@pytest.mark.parametrize(
    ("headers", "content", "status"),
    [
        ({"Content-Type": "text/plain"}, b"{}", 415),
        ({"Content-Type": "application/json"}, b"", 400),
        ({"Content-Type": "application/json"}, b"{", 422),
        ({"Content-Type": "application/json"}, b"[" * 100_000, 422),
        ({"Content-Type": "application/json"}, b"\xff", 422),
    ],
)
async def test_a_body_that_is_not_json_is_refused(
    site: Site, headers: dict[str, str], content: bytes, status: int
) -> None:
    answer = await site.http.post("/v1/cases/7/withdraw", headers=site.signed_in("u-lan", **headers), content=content)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


async def test_unknown_addresses_and_methods_are_problems_too(site: Site) -> None:
    unknown = await site.http.get("/v1/nothing")
    wrong = await site.http.put("/v1/cases", headers={"Accept-Language": "en"})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "no_such_address")
    assert (wrong.status_code, wrong.json()["title"]) == (
        405,
        "This address does not support PUT; use GET, HEAD, OPTIONS, POST.",
    )
    assert wrong.headers["allow"] == "GET, HEAD, OPTIONS, POST"


async def test_an_internal_error_reveals_only_its_correlation_id(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: Any, **__: Any) -> bytes:
        raise ZeroDivisionError("a secret")

    monkeypatch.setattr(site.state.rpc, "call", broken)
    answer = await site.http.get("/v1/cases/7", headers=site.signed_in("u-lan"))
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert "secret" not in answer.text
    assert answer.headers["x-correlation-id"] == answer.json()["correlation_id"]


async def test_an_absent_service_is_503_with_retry_after(site: Site) -> None:
    await site.cases.stop()
    answer = await site.http.get("/v1/cases/7", headers=site.signed_in("u-lan"))
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0


async def test_each_answer_carries_its_correlation_id_and_the_trace_continues(site: Site) -> None:
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    headers = site.signed_in("u-lan", **{"X-Correlation-ID": "c-1", "traceparent": trace})
    answer = await site.http.get("/v1/cases/7", headers=headers)
    [call] = site.cases.calls
    assert (answer.headers["x-correlation-id"], call["correlation_id"]) == ("c-1", "c-1")
    assert call["traceparent"].split("-")[1] == trace.split("-")[1]
    assert call["traceparent"].split("-")[2] != trace.split("-")[2]


async def test_every_answer_has_the_security_headers_and_no_foreign_origin(site: Site) -> None:
    answer = await site.http.get("/v1/cases/7", headers=site.signed_in("u-lan", Origin="https://elsewhere.example"))
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert answer.headers["cache-control"] == "no-store"
    assert "max-age" in answer.headers["strict-transport-security"]
    assert "access-control-allow-origin" not in answer.headers


async def test_a_configured_origin_may_read_answers(broker_process: BrokerProcess, tmp_path: Path) -> None:
    async with running(tmp_path, broker_process.uri, LINLI_CORS_ORIGINS="https://console.example") as site:
        answer = await site.http.get("/v1/me", headers=site.signed_in("u-lan", Origin="https://console.example"))
        assert answer.headers["access-control-allow-origin"] == "https://console.example"
        other = await site.http.get("/v1/me", headers=site.signed_in("u-lan", Origin="https://elsewhere.example"))
        assert "access-control-allow-origin" not in other.headers


async def test_a_configured_origin_may_send_the_headers_of_the_api(
    broker_process: BrokerProcess, tmp_path: Path
) -> None:
    async with running(tmp_path, broker_process.uri, LINLI_CORS_ORIGINS="https://console.example") as site:
        named = ["Authorization", "Idempotency-Key", "If-Match", "If-None-Match", "Linli-Tenant", "Linli-Visit"]
        for header in (*named, "Last-Event-ID"):
            asks = {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": header}
            answer = await site.http.options("/v1/me", headers={"Origin": "https://console.example", **asks})
            assert (header, answer.status_code) == (header, 200)


async def test_a_tenant_over_its_rate_waits_and_another_does_not(broker_process: BrokerProcess, tmp_path: Path) -> None:
    async with running(tmp_path, broker_process.uri, LINLI_RATE_LIMIT="3/hour") as site:
        answers = [await site.http.get("/v1/me", headers=site.signed_in("u-lan")) for _ in range(4)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        assert answers[0].headers["ratelimit-policy"] == '"tenant";q=3;w=3600'
        assert '"tenant";r=2;' in answers[0].headers["ratelimit"]
        assert 0 < int(answers[3].headers["retry-after"]) <= 3600
        assert (await site.http.get("/v1/me", headers=site.signed_in("u-lan", "yaan"))).status_code == 200


async def test_no_two_operations_or_forms_share_a_name(site: Site) -> None:
    document = (await site.http.get("/v1/openapi.json")).json()
    names = [operation["operationId"] for verbs in document["paths"].values() for operation in verbs.values()]
    assert len(set(names)) == len(names)
    shapes = document["components"]["schemas"].keys()
    assert not [name for name in shapes if "__" in name]
    # Types with the same name get longer ones, and a reference to the short name would find neither.
    assert set(re.findall('"#/components/schemas/([^"]+)"', json.dumps(document))) <= shapes


async def test_every_route_documents_its_callers_and_responses(site: Site) -> None:
    document = (await site.http.get("/v1/openapi.json")).json()
    for path, verbs in document["paths"].items():
        for verb, operation in verbs.items():
            assert operation["description"].startswith("Available to: "), (verb, path)
            assert operation["summary"], (verb, path)
            assert {"422", "429", "503"} <= set(operation["responses"]), (verb, path)


async def test_fields_with_codes_of_the_city_document_their_source(site: Site) -> None:
    document = (await site.http.get("/v1/openapi.json")).json()
    forms = document["components"]["schemas"].items()
    fields = [(form, name, field) for form, schema in forms for name, field in schema.get("properties", {}).items()]
    fields += [
        (path, parameter["name"], parameter["schema"] | parameter)
        for path, verbs in document["paths"].items()
        for parameter in verbs.get("get", {}).get("parameters", [])
        if parameter["in"] == "query"
    ]
    named = [each for each in fields if each[1] in ("path", "category", "lead", "unit")]
    signed_in = {"SignedIn", "Me"}  # what the caller acts as, not what they send
    undescribed = [(form, name) for form, name, field in named if form not in signed_in and not described(field)]
    assert undescribed == []
    assert len(named) > 20


def described(field: dict[str, Any]) -> bool:
    return "description" in field or any(described(inner) for inner in field.get("anyOf", []))


async def test_problems_that_services_raise_are_not_wrapped_twice(site: Site) -> None:
    async def refused(_: Any) -> None:
        raise RemoteProblem({"code": "case.x", "status": 409, "data": {"until": "t"}, "en": "No.", "zh": "不。"})

    site.cases.answers["withdraw"] = refused
    headers = site.signed_in("u-lan")
    answer = await site.http.post("/v1/cases/7/withdraw", headers=headers, json={"reason": "r"})
    assert (answer.status_code, answer.json()["until"], answer.json()["title"]) == (409, "t", "不。")
