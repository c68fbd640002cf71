"""Wire format of requests and problems between the gateway and the services. Both import it from here."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec


class WireCall(msgspec.Struct, frozen=True, kw_only=True):
    """A call. The service does not run it after `deadline` (Unix seconds): by then the caller has given up."""

    id: str
    method: str
    args: dict[str, Any]
    principal: str
    key: str = ""
    if_match: int | None = None
    deadline: float
    correlation_id: str = ""
    traceparent: str = ""


class WireMessage(msgspec.Struct, frozen=True):
    """A request message: one call, or under load a batch of them."""

    calls: list[WireCall]


class WireProblem(msgspec.Struct, frozen=True, kw_only=True):
    """A problem in a reply, as `chassis.errors.Problem.to_wire` writes it."""

    code: str
    status: Annotated[int, msgspec.Meta(ge=400, le=599)]
    en: str
    zh: str
    data: dict[str, Any] = {}
    phrases: dict[str, str] = {}
