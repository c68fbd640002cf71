"""Tickets for photos: what a service allows, the gateway does, straight between the caller and the store.

A service that decided that somebody may send or see a photo signs a ticket; the gateway checks it and
needs to know nothing else of the matter. A ticket works for whoever holds it, for minutes.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

import jwt
import msgspec

from chassis.errors import Problem
from chassis.process.settings import Settings
from chassis.security.root_keys import read_key

_ALGORITHM = "HS256"
_TYPE = "linli-ticket"

Purpose = Literal["upload", "view"]


class BadTicket(Problem):
    """Forged, expired, of another tenant or for another purpose: the holder cannot tell which."""

    status = 403
    code = "bad_ticket"
    en = "This ticket is not valid or has expired; ask for a new one."
    zh = "该凭证无效或已过期,请重新获取。"


class Ticket(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Allows `purpose` with one blob of a tenant until `expires`. `max_bytes` binds an upload."""

    tenant: str
    blob: str
    purpose: Purpose
    expires: Annotated[datetime, msgspec.Meta(tz=True)]
    max_bytes: int = 0


class Tickets:
    """Issues and checks tickets under one key, which the services and the gateway share."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def issue(self, ticket: Ticket) -> str:
        """A JSON web token (RFC 7519) whose claims are the ticket's fields: fit for a URL."""
        claims = msgspec.to_builtins(ticket)
        return jwt.encode(claims, self._key, _ALGORITHM, headers={"typ": _TYPE})

    def check(self, token: str, tenant: str, purpose: Purpose, now: datetime) -> Ticket:
        """Raises `BadTicket`. `now` is aware."""
        try:
            decoded = jwt.decode_complete(token, self._key, [_ALGORITHM], options={"verify_exp": False})
            ticket = msgspec.convert(decoded["payload"], Ticket)
        except (jwt.InvalidTokenError, msgspec.ValidationError) as error:
            raise BadTicket() from error
        fits = decoded["header"].get("typ") == _TYPE and (ticket.tenant, ticket.purpose) == (tenant, purpose)
        if not fits or ticket.expires.astimezone(UTC) <= now:
            raise BadTicket()
        return ticket


def tickets_of(settings: Settings) -> Tickets:
    return Tickets(read_key(settings.secret("LINLI_TICKET_KEY_FILE", "the key that signs tickets for photos")))
