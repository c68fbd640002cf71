"""Photo tickets: valid only as signed, until they expire, for one tenant and purpose."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import jwt
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.blobs.tickets import BadTicket, Ticket, Tickets

KEY = b"t" * 32
NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
TICKET = Ticket(tenant="wuhai", blob="B1", purpose="upload", expires=NOW + timedelta(minutes=10), max_bytes=10_000_000)
tickets = Tickets(KEY)


def check(token: str, **other: Any) -> Ticket:
    return tickets.check(token, **{"tenant": "wuhai", "purpose": "upload", "now": NOW, **other})


def test_a_ticket_says_what_was_signed() -> None:
    assert check(tickets.issue(TICKET)) == TICKET


def test_a_ticket_ends_when_it_says() -> None:
    token = tickets.issue(TICKET)
    assert check(token, now=TICKET.expires - timedelta(milliseconds=1))
    with pytest.raises(BadTicket):
        check(token, now=TICKET.expires)


def test_a_ticket_ends_at_the_same_moment_in_every_time_zone() -> None:
    china = timezone(timedelta(hours=8))
    token = tickets.issue(msgspec.structs.replace(TICKET, expires=TICKET.expires.astimezone(china)))
    with pytest.raises(BadTicket):
        check(token, now=TICKET.expires)


@pytest.mark.parametrize("other", [{"tenant": "yaan"}, {"purpose": "view"}])
def test_a_ticket_is_for_its_tenant_and_purpose_alone(other: dict[str, str]) -> None:
    with pytest.raises(BadTicket):
        check(tickets.issue(TICKET), **other)


def test_a_ticket_under_another_key_is_refused() -> None:
    with pytest.raises(BadTicket):
        check(Tickets(b"x" * 32).issue(TICKET))


@given(data=st.data())
def test_a_ticket_with_any_character_changed_is_refused(data: st.DataObject) -> None:
    token = tickets.issue(TICKET)
    # The unused bits of the last base64 character of each part are not signed and have no effect.
    places = [place for place, after in enumerate([*token[1:], "."]) if after != "." and token[place] != "."]
    place = data.draw(st.sampled_from(places))
    letter = data.draw(st.sampled_from("abcXYZ019-_. é"))
    changed = token[:place] + letter + token[place + 1 :]
    if changed != token:
        with pytest.raises(BadTicket):
            check(changed)


@pytest.mark.parametrize("token", ["", "a.b.c", "a", "💥"])
def test_what_is_no_ticket_is_refused(token: str) -> None:
    with pytest.raises(BadTicket):
        check(token)


@pytest.mark.parametrize(
    "token",
    [
        jwt.encode(msgspec.to_builtins(TICKET), None, "none", headers={"typ": "linli-ticket"}),
        jwt.encode(msgspec.to_builtins(TICKET), KEY, "HS256"),
        jwt.encode({"tenant": "wuhai"}, KEY, "HS256", headers={"typ": "linli-ticket"}),
        jwt.encode({**msgspec.to_builtins(TICKET), "sub": "U1"}, KEY, "HS256", headers={"typ": "linli-ticket"}),
    ],
)
def test_other_tokens_are_no_tickets(token: str) -> None:
    with pytest.raises(BadTicket):
        check(token)
