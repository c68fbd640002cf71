"""Routes of alerts of unusual reading, for supervisors."""

from __future__ import annotations

from chassis.types import RecordState
from gateway.api.table import RouteBuilder
from services.residents.api import readings as api
from vocabulary.roles import Permission

residents = RouteBuilder("residents", RecordState, tag="unusual reading")

_FOLLOW_UP = Permission.FOLLOW_UP_READING
_ALERTS = "/v1/reading-alerts"
_ALERT = _ALERTS + "/{alert}"

OPERATIONS = [
    residents.lists(
        _ALERTS, "list_reading_alerts", "List the alerts of unusual reading of an area", _FOLLOW_UP,
        api.ListedReadingAlert, api.ListReadingAlerts,
    ),
    residents.reads(
        _ALERT, "get_reading_alert", "Get an alert with what was read", _FOLLOW_UP, answer=api.ShownReadingAlert
    ),
    residents.acts(
        _ALERT + "/explain", "explain_reading", "Note the reason that somebody gave", _FOLLOW_UP, api.AlertNote
    ),
    residents.acts(
        _ALERT + "/confirm", "confirm_misuse", "Confirm that the reading had no good reason", _FOLLOW_UP, api.AlertNote
    ),
    residents.acts(
        _ALERT + "/dismiss", "dismiss_reading_alert", "Dismiss the alert: the reading was in order", _FOLLOW_UP,
        api.AlertNote,
    ),
]  # fmt: skip
