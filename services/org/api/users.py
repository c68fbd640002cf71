"""Shapes of users and whom they act as."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from chassis.types import NOT_BLANK, Form, Page, exactly
from services.org.api.types import UnitIfAny

SHORTEST_PASSWORD = 10
SelfRegistered = Literal["resident", "courier"]
Kind = Literal["staff", "resident", "courier"]
Login = Annotated[str, msgspec.Meta(min_length=3, max_length=64, pattern=exactly(r"\S+"))]
Password = Annotated[str, msgspec.Meta(min_length=1, max_length=128)]
_Name = Annotated[str, msgspec.Meta(pattern=NOT_BLANK, max_length=40)]
_Phone = Annotated[str, msgspec.Meta(max_length=20, pattern=exactly("[0-9+ -]*"))]
_AtIssuer = Annotated[str, msgspec.Meta(max_length=200)]


class Credentials(Form, frozen=True, kw_only=True):
    login: Login
    password: Password


class NewUser(Credentials, frozen=True, kw_only=True):
    """`login` never changes; it is found whatever its case and spaces."""

    name: _Name
    phone: _Phone = ""


class SelfRegistration(NewUser, frozen=True, kw_only=True):
    """A resident or courier adds themselves."""

    password: Annotated[str, msgspec.Meta(min_length=SHORTEST_PASSWORD, max_length=128)]
    kind: SelfRegistered = "resident"


class UserSubject(msgspec.Struct, frozen=True, kw_only=True):
    """The user, as its tokens name it."""

    subject: str


class NewPassword(Form, frozen=True, kw_only=True):
    new: Password


class PasswordChange(NewPassword, frozen=True, kw_only=True):
    old: Password


class ForeignIdentity(Form, frozen=True, kw_only=True):
    """Whom a trusted issuer knows as `subject`."""

    issuer: _AtIssuer
    subject: _AtIssuer


class ListUsers(Page, frozen=True, kw_only=True):
    kind: Kind = "staff"


class ListedUser(msgspec.Struct, frozen=True, kw_only=True):
    subject: str
    kind: str
    active: bool
    name: str


class UserStatus(msgspec.Struct, frozen=True, kw_only=True):
    subject: str
    kind: str
    active: bool


class ShownUser(UserStatus, frozen=True, kw_only=True):
    """In clear, for themselves or an administrator of theirs."""

    login: str
    name: str
    phone: str


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """Whom a user acts as: at one post, or for themselves (`post` empty). `acting_for`: the A post's assignment."""

    subject: str
    roles: list[str] = []
    area: str = ""
    unit: UnitIfAny = ""
    post: str = ""
    purposes: list[str] = []
    assignment: str = ""
    acting_for: str = ""


class KnownUser(msgspec.Struct, frozen=True, kw_only=True):
    """All that somebody who gave their password may act as."""

    subject: str
    standings: list[Standing]
