"""Signing in with a password, choosing another post, and the key by which others verify our tokens."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Header
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from chassis.errors import Forbidden
from gateway.api.old_operation import problem_responses
from gateway.api.types import NoQuery
from gateway.request_context import AppState, context_of

Tenant = Annotated[str, Field(pattern="^[a-z][a-z0-9-]{1,30}$", description="The city or county, like `wuhai`.")]


class SignIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    tenant: Tenant
    login: Annotated[str, Field(min_length=1, max_length=64)]
    password: Annotated[str, Field(min_length=1, max_length=128)]
    post: Annotated[str, Field(max_length=64, description="One of the person's posts; the first without it.")] = ""


class SignUp(BaseModel):
    model_config = ConfigDict(extra="forbid")

    tenant: Tenant
    login: Annotated[str, Field(min_length=3, max_length=64, pattern=r"^\S+$")]
    password: Annotated[str, Field(min_length=10, max_length=128)]
    name: Annotated[str, Field(min_length=1, max_length=40)]
    phone: Annotated[str, Field(max_length=20, pattern=r"^[0-9+ -]*$")] = ""
    kind: Literal["resident", "courier"] = "resident"


class SignedUp(BaseModel):
    subject: str


class SignedIn(BaseModel):
    token: str
    token_type: str
    expires_in: Annotated[int, Field(description="Seconds.")]
    subject: str
    post: str
    standings: Annotated[list[dict[str, Any]], Field(description="All that the person may act as, to choose from.")]


class Me(BaseModel):
    tenant: str
    subject: str
    roles: list[str]
    area: str
    unit: str
    post: str
    purposes: list[str]


class PostNotHeld(Forbidden):
    code = "post_not_held"
    en = "You do not hold this post now; choose one of those that the sign-in lists."
    zh = "您目前不担任该岗位,请从登录返回的岗位中选择。"


class _Found(msgspec.Struct):
    """What org answers to `sign_in`."""

    subject: str
    standings: list[dict[str, Any]] = []

    def chosen(self, post: str) -> str:
        """The post context for, the first without; "" for a person who acts for themselves."""
        held = [str(each["post"]) for each in self.standings]
        if post and post not in held:
            raise PostNotHeld()
        return post or next(iter(held), "")


def add_to(router: APIRouter, state: AppState) -> None:
    own = state.sessions.own
    said: Any = {"tags": ["sign-in"], "responses": problem_responses("POST")}

    @router.post(
        "/v1/sessions",
        status_code=201,
        response_model=SignedIn,
        summary="Sign in with a password",
        description="Who may: anybody with a login. Counted by login and by address, so that nobody can guess.",
        **said,
    )
    async def sign_in(request: Request, body: SignIn, _: NoQuery) -> Response:
        state.addresses.take(request.client.host if request.client else "")
        state.guesses.take("login", body.tenant, body.login)
        answer = await state.calls.call(
            "org",
            "sign_in",
            {"login": body.login, "password": body.password},
            tenant=body.tenant,
            principal=state.callers.gateway(body.tenant),
            correlation_id=request.state.correlation_id,
            traceparent=request.state.traceparent,
        )
        found = msgspec.json.decode(answer, type=_Found)
        post = found.chosen(body.post)
        content = SignedIn(
            token=own.issue(body.tenant, found.subject, post),
            token_type="Bearer",  # noqa: S106  # the name of a scheme
            expires_in=own.seconds,
            subject=found.subject,
            post=post,
            standings=found.standings,
        )
        return Response(content.model_dump_json(), 201, media_type="application/json")

    @router.post(
        "/v1/users/register",
        status_code=201,
        response_model=SignedUp,
        summary="Register as a resident or courier",
        description="Who may: anybody. Sign in afterwards.",
        **said,
    )
    async def sign_up(
        request: Request, body: SignUp, key: Annotated[str, Header(alias="Idempotency-Key", max_length=128)], _: NoQuery
    ) -> Response:
        state.addresses.take(request.client.host if request.client else "")
        user = body.model_dump(include={"login", "password", "name", "phone"})
        answer = await state.calls.call(
            "org",
            "register",
            {"user": user, "kind": body.kind},
            tenant=body.tenant,
            principal=state.callers.gateway(body.tenant),
            key=key,
            correlation_id=request.state.correlation_id,
            traceparent=request.state.traceparent,
        )
        return Response(answer, 201, media_type="application/json")

    @router.get(
        "/v1/me",
        response_model=Me,
        summary="Who I am here",
        description="Who may: anybody signed in.",
        tags=["sign-in"],
        responses=problem_responses("GET"),
    )
    async def me(request: Request, _: NoQuery) -> Response:
        context = await context_of(state, request)
        return Response(msgspec.json.encode(context.principal), media_type="application/json")

    @router.get("/.well-known/jwks.json", include_in_schema=False)
    async def key_set() -> dict[str, Any]:
        return own.key_set()

    @router.get("/.well-known/openid-configuration", include_in_schema=False)
    async def discovery() -> dict[str, Any]:
        return {"issuer": own.url, "jwks_uri": f"{own.url}/.well-known/jwks.json"}
