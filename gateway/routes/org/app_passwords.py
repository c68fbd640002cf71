"""Routes of app passwords, with which an app for forms acts for a person."""

from __future__ import annotations

from chassis.types import Record
from gateway.api.table import RouteBuilder
from services.org.api import app_passwords as api
from vocabulary.roles import Permission

_USE = Permission.USE_FORMS_APP
org = RouteBuilder("org", answer=Record, tag="app passwords")

OPERATIONS = [
    org.creates(
        "/v1/app-passwords", "make_app_password", "Make an app password for a device; it is shown once", _USE,
        api.NewAppPassword, answer=api.MadeAppPassword,
    ),
    org.lists("/v1/app-passwords", "list_app_passwords", "List your app passwords", _USE, api.ListedAppPassword),
    org.acts("/v1/app-passwords/{app_password}/end", "end_app_password", "End an app password within a minute", _USE),
]  # fmt: skip
