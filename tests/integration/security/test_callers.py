"""Who calls: no token, an old one, a forged one, the operator's, and what none of them may do."""

from __future__ import annotations

import re
import time
from datetime import timedelta
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from chassis.security import operator_token
from chassis.security.principal import Principal
from chassis.security.principal_token import sign
from launcher.service_list import NAMES
from tests.integration.security.bodies import Bodies
from tests.integration.security.foreign import photo
from tests.servers.caller import Caller, signing_key
from tests.servers.city import PASSWORD, City


def token_of(city: City, login: str) -> str:
    return city.http(login).headers["authorization"].partition(" ")[2]


def me(city: City, token: str) -> httpx.Response:
    return city.client(token).get("/v1/me")


def test_a_sign_in_holds_in_its_own_city_alone(city: City, other: City) -> None:
    case = other.report().json()["id"]
    headers = {"Linli-Tenant": other.tenant}
    assert city.http("centre").get(f"/v1/cases/{case}", headers=headers).status_code == 404
    assert city.http("centre").get("/v1/me", headers=headers).json()["tenant"] == city.tenant


@pytest.mark.parametrize(
    "change", [{"tenant": "west-city"}, {"exp": 2**33}, {"sub": "SOMEBODY"}, {"roles": ["tenant_admin"]}]
)
def test_a_changed_token_is_none(city: City, change: dict[str, Any]) -> None:
    token = token_of(city, "resident")
    claims = jwt.decode(token, options={"verify_signature": False}) | change
    head = jwt.get_unverified_header(token)
    forged = jwt.encode(claims, Ed25519PrivateKey.generate(), algorithm="EdDSA", headers={"kid": head["kid"]})
    kept = ".".join([*forged.split(".")[:2], token.split(".")[2]])
    unsigned = jwt.encode(claims, "", algorithm="none")
    assert {me(city, each).status_code for each in (forged, kept, unsigned)} == {401}


def test_an_unknown_city_signs_nobody_in_and_says_no_more_than_a_wrong_password(city: City) -> None:
    headers = {"X-Correlation-ID": "the-same"}
    answers = [
        city.client().post(
            "/v1/sessions", json={"tenant": tenant, "login": "street", "password": word}, headers=headers
        )
        for tenant, word in (("never-opened", PASSWORD), (city.tenant, "not the password"))
    ]
    assert {each.status_code for each in answers} == {401}
    assert answers[0].content == answers[1].content


def public_operations(city: City) -> list[tuple[str, str, Any]]:
    """Verb, path and smallest body of each that works without a sign-in."""
    document = city.client().get("/v1/openapi.json").json()
    bodies = Bodies(document)
    return [
        (verb.upper(), re.sub("{[a-z]+}", "NOBODYS", path), bodies.of(operation))
        for path, verbs in document["paths"].items()
        for verb, operation in verbs.items()
        if {} in operation.get("security", ()) and path != "/v1/photos"
    ]


def test_an_unknown_city_takes_nothing_and_leaves_no_trace(city: City) -> None:
    headers = {"Linli-Tenant": "no-such-city", "Idempotency-Key": "k", "Linli-Visit": "v"}
    for verb, path, body in public_operations(city):
        refused = city.client().request(verb, path, json=body, headers=headers)
        assert refused.status_code in (404, 422, 503), (path, refused.text)
    files = {"file": ("photo.jpg", photo(), "image/jpeg")}
    sent = city.client().post("/v1/photos", data={"purpose": "report"}, files=files, headers=headers)
    assert sent.status_code == 404, sent.text
    for service in NAMES:
        rows = city.site.collections(service)
        for name in rows.list_collection_names():
            assert rows[name].count_documents({"_id": {"$regex": "^no-such-city"}}) == 0, name


def test_the_operator_of_one_city_is_nobody_in_another(city: City, other: City) -> None:
    key = city.site.keys.operator.read_bytes().strip()
    mine = city.client(operator_token.issue(city.tenant, key))
    assert mine.get("/v1/me").json()["tenant"] == city.tenant
    assert mine.get("/v1/me", headers={"Linli-Tenant": other.tenant}).json()["tenant"] == city.tenant
    assert {event.tenant for event in city.events()} == {city.tenant}
    before = len(other.events())
    headers = {"Idempotency-Key": "resync", "Linli-Tenant": other.tenant}
    assert mine.post("/v1/resync/org", json={"service": "cases"}, headers=headers).json()["published"] > 0
    assert len(other.events()) == before


def forged_operators(city: City) -> dict[str, str]:
    key = city.site.keys.operator.read_bytes().strip()
    claims = {"aud": operator_token.AUDIENCE, "sub": "operator", "tenant": city.tenant, "exp": int(time.time()) + 600}
    return {
        "another key": operator_token.issue(city.tenant, b"k" * 44),
        "no name of a city": operator_token.issue("T", key),
        "unsigned": jwt.encode(claims, "", algorithm="none"),
        "over": operator_token.issue(city.tenant, key, now=lambda: time.time() - operator_token.LIFETIME - 1),
        "without an end": jwt.encode({name: claims[name] for name in ("aud", "sub", "tenant")}, key, algorithm="HS256"),
        "without a city": jwt.encode({name: claims[name] for name in ("aud", "sub", "exp")}, key, algorithm="HS256"),
        "for others": jwt.encode(claims | {"aud": "linli.sessions"}, key, algorithm="HS256"),
    }


@pytest.mark.parametrize(
    "how",
    ["another key", "no name of a city", "unsigned", "over", "without an end", "without a city", "for others"],
)
def test_a_token_that_is_not_the_operators_opens_nothing(city: City, how: str) -> None:
    client = city.client(forged_operators(city)[how])
    headers = {"Idempotency-Key": "k"}
    assert client.post("/v1/resync/org", json={"service": "cases"}, headers=headers).status_code == 401
    assert client.get("/v1/me").status_code == 401


@pytest.mark.parametrize("login", ["admin", "centre", "resident"])
def test_what_the_operator_does_nobody_else_may(city: City, login: str) -> None:
    assert city.post(login, "/v1/resync/org", {"service": "cases"}).status_code == 403
    opening = {"root": "1504", "tier": "city", "settings": {"name": "他"}}
    assert city.post(login, "/v1/tenant", opening).status_code == 403


def test_no_assignment_makes_an_operator(city: City) -> None:
    post = {"kind": "operator", "title": "运维", "unit": "150302", "area": "/1503/150302/"}
    assert city.post("admin", "/v1/posts", post).status_code == 422


def signed(city: City, **change: Any) -> str:
    facts = {"tenant": city.tenant, "subject": "x", "roles": frozenset({"centre"}), "area": "/1503/150302/"}
    return sign(Principal(**{**facts, **change}), signing_key(city.site.keys))


def test_a_forged_principal_on_the_broker_is_nobody(city: City) -> None:
    caller = Caller(city.site.amqp("gateway"), city.site.keys, "cases", city.tenant)
    good = caller.call("list_cases")
    head, claims, signature = signed(city).split(".")
    _, others, _ = signed(city, tenant="west-city").split(".")
    own = sign(Principal(tenant=city.tenant, subject="x", roles=frozenset({"centre"})), Ed25519PrivateKey.generate())
    forgeries = ["", "x", f"{head}.{claims}.", f"{head}.{others}.{signature}", own, token_of(city, "centre")]
    replies = caller.many([good, *({**caller.call("list_cases"), "principal": each} for each in forgeries)])
    caller.close()
    assert "ok" in replies[0] or replies[0]["problem"]["status"] == 403
    assert [reply["problem"]["status"] for reply in replies[1:]] == [401] * len(forgeries)


# The last of the file: it moves the clock of the site past the end of every sign-in.
def test_a_sign_in_that_is_over_is_401_and_signing_in_again_helps(city: City, other: City) -> None:
    old = token_of(city, "street")
    assert me(city, old).status_code == 200
    city.site.advance(timedelta(hours=9))
    over = me(city, old)
    assert (over.status_code, over.json()["code"]) == (401, "unauthenticated")
    assert over.headers["www-authenticate"].startswith("Bearer")
    city.sign_out()
    other.sign_out()
    assert city.http("street").get("/v1/me").status_code == 200


def test_a_disabled_administrator_does_not_enable_themselves_with_the_old_token(city: City) -> None:
    person = {"login": "short-lived", "password": PASSWORD, "name": "关月"}
    subject = city.said("admin", "/v1/users", person)["id"]
    root = city.http("admin").get("/v1/tenant").json()
    post = city.said(
        "admin", "/v1/posts", {"kind": "tenant_admin", "title": "管理员", "unit": root["root"], "area": root["path"]}
    )["id"]
    terms = {"subject": subject, "post": post, "duty": "管理", "area": root["path"]}
    city.said("admin", "/v1/assignments", terms)
    assert city.http("short-lived").get("/v1/users").status_code == 200
    city.said("admin", f"/v1/users/{subject}/disable")
    assert city.post("short-lived", f"/v1/users/{subject}/enable").status_code == 401
    assert city.http("admin").get(f"/v1/users/{subject}").json()["active"] is False


def test_strangers_who_guess_from_everywhere_do_not_keep_the_owner_out(city: City) -> None:
    def sign_in(password: str, address: str, device: str = "") -> httpx.Response:
        headers = {"X-Forwarded-For": address}
        body = {"tenant": city.tenant, "login": "besieged", "password": password, "device": device}
        return city.client().post("/v1/sessions", json=body, headers=headers)

    city.said("admin", "/v1/users", {"login": "besieged", "password": PASSWORD, "name": "关月"})
    device = sign_in(PASSWORD, "192.0.2.1").json()["device"]
    guesses = [sign_in(f"guess {number}", f"203.0.113.{number}") for number in range(1, 20)]
    assert {each.status_code for each in guesses} == {401}
    assert sign_in(PASSWORD, "203.0.113.99").json()["code"] == "sign_in_failed"
    assert sign_in(PASSWORD, "203.0.113.7", device).status_code == 201
