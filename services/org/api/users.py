"""API structs of users and their standings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

import msgspec

from chassis.types import UNBROKEN, AnyText, Form, Page, SomeText, Word, exactly
from vocabulary.fields import UnitIfAny

SHORTEST_PASSWORD = 10
SelfRegistered = Literal["resident", "courier"]
Kind = Literal["staff", "resident", "courier"]
Login = Annotated[str, msgspec.Meta(min_length=3, max_length=64, pattern=UNBROKEN)]
Password = Annotated[str, msgspec.Meta(min_length=1, max_length=128)]
_Name = Annotated[SomeText, msgspec.Meta(max_length=40)]
_Phone = Annotated[str, msgspec.Meta(max_length=20, pattern=exactly("[0-9+ -]*"))]
_AtIssuer = Annotated[AnyText, msgspec.Meta(max_length=200)]


class Credentials(Form, frozen=True, kw_only=True):
    login: Login
    password: Password


class SignInAttempt(Credentials, frozen=True, kw_only=True):
    """Credentials as the gateway passes them on. `device`: the id of one on which `device_of`, a user, signed in."""

    device: Word = ""
    device_of: Word = ""


class NewUser(Credentials, frozen=True, kw_only=True):
    """A user to add. `login` is permanent; capitals do not matter."""

    name: _Name
    phone: _Phone = ""


class SelfRegistration(NewUser, frozen=True, kw_only=True):
    """A resident or courier who registers themselves."""

    password: Annotated[str, msgspec.Meta(min_length=SHORTEST_PASSWORD, max_length=128)]
    kind: SelfRegistered = "resident"


class UserId(msgspec.Struct, frozen=True, kw_only=True):
    """The id of a user, as in the `sub` of its tokens."""

    id: str


class NewPassword(Form, frozen=True, kw_only=True):
    new: Password


class PasswordChange(NewPassword, frozen=True, kw_only=True):
    old: Password


class ForeignIdentity(Form, frozen=True, kw_only=True):
    """An identity at a trusted issuer, which knows the user as `subject`."""

    issuer: _AtIssuer
    subject: _AtIssuer


class ListUsers(Page, frozen=True, kw_only=True):
    kind: Annotated[Kind, msgspec.Meta(description="Only users of this kind.")] = "staff"


class ListedUser(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    kind: str
    active: bool
    name: str


class UserStatus(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    kind: str
    active: bool


class ShownUser(UserStatus, frozen=True, kw_only=True):
    """A user with decrypted personal data, for that user or their administrator."""

    login: str
    name: str
    phone: str


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """The capacity in which a user acts: at one post, or for themselves (`post` is empty).

    `acting_for`: the A assignment, if the user stands in as backup. What a principal is made of has no default: a
    lost field must be an error, never a caller without roles, or without the unit whose complaints are hidden.
    """

    subject: str
    roles: list[str]
    area: str
    unit: UnitIfAny
    post: str
    purposes: list[str]
    assignment: str = ""
    acting_for: str = ""


def standing_at(standings: Sequence[Standing], post: str) -> Standing | None:
    """Returns the standing at `post`, or None. Without a post: the user acting for themselves, else the first one.

    So a resident who is given a post goes on as a resident until they choose the post; staff never act for themselves.
    """
    chosen = next((standing for standing in standings if standing.post == post), None)
    return chosen or (None if post else next(iter(standings), None))


class KnownUser(msgspec.Struct, frozen=True, kw_only=True):
    """An authenticated user and the standings they may choose from. `revocations`: for their new token."""

    subject: str
    standings: list[Standing]
    revocations: int = 0
