"""What the operator of an installation may do, with a token that the operator's key signs."""

from __future__ import annotations

from typing import Literal

from gateway.api.old_table import Service
from gateway.api.types import Id, SettingsForm, Word

OPERATOR = "the operator"
_PUBLISHERS = ("org", "cases")

OPERATIONS = [
    Service("org").creates(
        "/v1/tenant",
        "open_tenant",
        "Open the city that the token names",
        OPERATOR,
        root=Id,
        tier=Literal["city", "county"],
        settings=SettingsForm,
        _together=False,
    ),
    *(
        Service(publisher).acts(
            f"/v1/resync/{publisher}",
            "resync",
            f"Send one page of the present state of {publisher} to a service that keeps copies",
            OPERATOR,
            service=Word,
            after=Word | None,
            _together=False,
            _timeout=60.0,
        )
        for publisher in _PUBLISHERS
    ),
]
