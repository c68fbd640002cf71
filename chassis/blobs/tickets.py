"""Signed tickets for photos: a service authorises an upload or a view, and the gateway carries it out.

The service decides who may upload or see a photo and signs a ticket; the gateway only checks the ticket and moves
the photo between the caller and the store. A ticket is a bearer token and expires within minutes.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

import jwt
import msgspec

from chassis.errors import Problem
from chassis.security.root_keys import read_key
from chassis.settings import Settings

_ALGORITHM = "HS256"
_TYPE = "linli-ticket"

Purpose = Literal["upload", "view"]


class BadTicket(Problem):
    """The ticket is forged, expired, or for another tenant or purpose; the error does not say which."""

    status = 403
    code = "bad_ticket"
    en = "This ticket is invalid or has expired; request a new one."
    zh = "该凭证无效或已过期，请重新获取。"


class Ticket(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Permission for `purpose` with one blob of a tenant until `expires`. `max_bytes` limits an upload."""

    tenant: str
    blob: str
    purpose: Purpose
    expires: Annotated[datetime, msgspec.Meta(tz=True)]
    max_bytes: int = 0


class Tickets:
    """Issues and verifies tickets with one key, which the services and the gateway share."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def issue(self, ticket: Ticket) -> str:
        """Returns the ticket as a JSON web token (RFC 7519), which fits into a URL."""
        claims = msgspec.to_builtins(ticket)
        return jwt.encode(claims, self._key, _ALGORITHM, headers={"typ": _TYPE})

    def check(self, token: str, tenant: str, purpose: Purpose, now: datetime) -> Ticket:
        """Returns the ticket. `now` is aware. Raises `BadTicket` if the ticket does not allow this."""
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
    """Factory: reads the key from the settings. Raises `MissingSetting`, `BadSetting` or `BadKey`."""
    return Tickets(read_key(settings.secret("LINLI_TICKET_KEY_FILE", "the key that signs tickets for photos")))
