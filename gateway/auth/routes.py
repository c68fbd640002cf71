"""Routes of sign-in: password, self-registration, own identity, and the JWKS to verify our tokens."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from chassis.errors import Forbidden, Problem, Unauthenticated
from chassis.security.principal import Principal
from chassis.types import Form, Tenant, Word
from gateway.api import headers, schema
from gateway.api.endpoint import read_form, read_header, refuse_parameters
from gateway.auth.devices import Device
from gateway.http.addresses import address_of
from gateway.http.places import UNVERIFIED
from gateway.request_context import AppState, context_of
from services.org.api import users

_POST = "One of the person's posts. If empty: a resident or courier as themselves, staff at their first post."


class SignIn(users.Credentials, frozen=True, kw_only=True):
    tenant: Tenant
    post: Annotated[Word, msgspec.Meta(description=_POST)] = ""
    device: Annotated[
        str,
        msgspec.Meta(
            max_length=1000,
            description="`device` of the last sign-in on this device. Guesses of others then do not slow it down.",
        ),
    ] = ""


class SignUp(users.SelfRegistration, frozen=True, kw_only=True):
    tenant: Tenant


class SignedIn(msgspec.Struct, frozen=True, kw_only=True):
    """`id`: of the user who signed in."""

    token: str
    token_type: str
    expires_in: Annotated[int, msgspec.Meta(description="Seconds.")]
    id: str
    post: str
    device: Annotated[str, msgspec.Meta(description="Keep it on this device, and send it with the next sign-in.")]
    standings: Annotated[list[users.Standing], msgspec.Meta(description="All posts that the person may act as.")]


class Me(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks. `id`: of the user; `post`: the one that they act as."""

    tenant: str
    id: str
    roles: list[str]
    area: str
    unit: str
    post: str
    purposes: list[str]


TYPES = (SignIn, SignUp, SignedIn, users.UserId, Me)
"""All types of these routes, for OpenAPI."""


class PostNotHeld(Forbidden):
    code = "post_not_held"
    en = "You do not hold this post now; choose one that the sign-in lists."
    zh = "您目前不担任该岗位，请从登录返回的岗位中选择。"


def _chosen(known: users.KnownUser, post: str) -> str:
    """Returns the post of the standing that `post` chooses; "" for a person who acts for themselves."""
    standing = users.standing_at(known.standings, post)
    if standing is None:
        raise PostNotHeld()
    return standing.post


@contextmanager
def limited(state: AppState, request: Request, device: Device | None) -> Iterator[None]:
    """Counts a sign-in by its address, and if it fails, as a guess of this address, or of the login's own `device`.

    A guess is counted before the attempt, or many at once would pass together. Raises `TooManyRequests`.
    """
    address = address_of(request)
    guesser = ("device", device.id) if device else ("address", address)
    state.addresses.take(address)
    state.guesses.take(*guesser)
    try:
        yield
    except Problem as problem:
        if problem.to_wire()["status"] != Unauthenticated.status:
            state.guesses.give_back(*guesser)
        raise
    state.guesses.give_back(*guesser)


class _SignIns:
    """Handlers of sign-in and registration, and what others need to check our tokens."""

    def __init__(self, state: AppState) -> None:
        self._state = state
        self._own = state.sessions.own

    async def sign_in(self, request: Request) -> Response:
        state, body = self._state, await read_form(request, SignIn)
        device = state.devices.read(body.device, body.tenant)
        own_device = device if device and state.devices.knows(device, body.tenant, body.login) else None
        arguments = {"login": body.login, "password": body.password} | (device.as_arguments() if device else {})
        with limited(state, request, own_device), state.calls.one_for(UNVERIFIED, address_of(request)):
            answer = await self._ask_org(request, "sign_in", arguments, body.tenant)
        known = msgspec.json.decode(answer, type=users.KnownUser)
        post = _chosen(known, body.post)
        content = SignedIn(
            token=self._own.issue(body.tenant, known.subject, post, known.revocations),
            token_type="Bearer",  # noqa: S106  # the name of a scheme
            expires_in=self._own.seconds,
            id=known.subject,
            post=post,
            device=state.devices.issue(body.tenant, known.subject, body.login, device),
            standings=known.standings,
        )
        return Response(msgspec.json.encode(content), 201, media_type="application/json")

    async def sign_up(self, request: Request) -> Response:
        key = read_header(request, headers.IDEMPOTENCY_KEY, headers.Key)
        body = await read_form(request, SignUp)
        address = address_of(request)
        self._state.addresses.take(address)
        user = {field: getattr(body, field) for field in users.SelfRegistration.__struct_fields__}
        with self._state.calls.one_for(UNVERIFIED, address):
            answer = await self._ask_org(request, "register", user, body.tenant, key)
        return Response(answer, 201, media_type="application/json")

    async def me(self, request: Request) -> Response:
        refuse_parameters(request)
        context = await context_of(self._state, request)
        return Response(msgspec.json.encode(_me(context.principal)), media_type="application/json")

    async def key_set(self) -> dict[str, Any]:
        return self._own.key_set()

    async def discovery(self) -> dict[str, Any]:
        return {"issuer": self._own.url, "jwks_uri": f"{self._own.url}/.well-known/jwks.json"}

    async def _ask_org(
        self, request: Request, method: str, arguments: dict[str, Any], tenant: str, key: str = ""
    ) -> bytes:
        """Asks for a visitor, who has no principal yet."""
        return await self._state.rpc.call(
            "org",
            method,
            arguments,
            tenant=UNVERIFIED,
            principal=self._state.callers.gateway(tenant),
            key=key,
            correlation_id=request.state.correlation_id,
            traceparent=request.state.traceparent,
        )


def add_to(router: APIRouter, state: AppState) -> None:
    handlers = _SignIns(state)
    router.post(
        "/v1/sessions",
        status_code=201,
        operation_id="gateway.sign_in",
        summary="Sign in with a password",
        description=(
            "Available to: anyone with a login. Failures are limited by login and by address, against guessing; a "
            "device that signed in before is exempt from those of others."
        ),
        **_described(SignIn, SignedIn),
    )(handlers.sign_in)
    router.post(
        "/v1/users/register",
        status_code=201,
        operation_id="gateway.sign_up",
        summary="Register as a resident or courier",
        description="Available to: anyone. Sign in afterwards.",
        **_described(SignUp, users.UserId, headers.key(required=True)),
    )(handlers.sign_up)
    router.get(
        "/v1/me",
        operation_id="gateway.me",
        summary="Get the caller's identity",
        description="Available to: anyone signed in.",
        tags=["sign-in"],
        response_model=None,
        responses={200: schema.answer(Me), **schema.problem_responses("GET")},
        openapi_extra={"security": [{"bearer": []}]},
    )(handlers.me)
    router.get("/.well-known/jwks.json", include_in_schema=False)(handlers.key_set)
    router.get("/.well-known/openid-configuration", include_in_schema=False)(handlers.discovery)


def _me(by: Principal) -> Me:
    return Me(
        tenant=by.tenant,
        id=by.subject,
        roles=sorted(by.roles),
        area=by.area,
        unit=by.unit,
        post=by.post,
        purposes=sorted(by.purposes),
    )


def _described(form: type[Form], answer: type[msgspec.Struct], *parameters: dict[str, Any]) -> dict[str, Any]:
    return {
        "tags": ["sign-in"],
        "response_model": None,
        "responses": {201: schema.answer(answer)} | schema.problem_responses("POST"),
        "openapi_extra": {"requestBody": schema.body(form), "parameters": list(parameters), "security": []},
    }
