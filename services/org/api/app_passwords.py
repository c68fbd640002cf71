"""API types of app passwords (应用专用密码): with one, an app on one device acts for a person, who can end it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec

from chassis.types import Form, Id, Record, SomeText, exactly

DIGEST = Annotated[str, msgspec.Meta(pattern=exactly("[0-9a-f]{64}"), description="Hex SHA-256 of the password.")]
_DeviceName = Annotated[SomeText, msgspec.Meta(max_length=40, description="What tells devices apart; kept sealed.")]


class NewAppPassword(Form, frozen=True, kw_only=True):
    """For one device. `days`: after so many it ends by itself."""

    device_name: _DeviceName
    days: Annotated[int, msgspec.Meta(ge=1, le=366)] = 180


class MadeAppPassword(Record, frozen=True, kw_only=True):
    """What the app asks for. The password is shown this once; make another one if it is lost."""

    username: str
    password: str
    ends_at: datetime


class ListedAppPassword(Record, frozen=True, kw_only=True):
    """`post`: the one at which the person acts with it."""

    device_name: str
    post: str
    made_at: datetime
    ends_at: datetime


class AppPasswordCheck(Form, frozen=True, kw_only=True):
    """What the gateway was sent, as a digest."""

    app_password: Id
    digest: DIGEST
