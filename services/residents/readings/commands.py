"""Commands and queries of alerts of unusual reading, for supervisors."""

from __future__ import annotations

from collections.abc import Callable

from chassis.context import Call
from chassis.entrypoints.rpc_server import command, query
from chassis.types import Answer, Id, Listed
from chassis.usecases.pages import newest_first
from chassis.usecases.records import fields_of, get, to_answer
from services.residents.api import readings as api
from services.residents.readings.model import ReadingAlert
from services.residents.records import ResidentsUseCases
from vocabulary.access import require_role
from vocabulary.roles import Permission

_LISTED = fields_of(api.ListedReadingAlert)
_NOTE = "reading_alert.note"


class ReadingAlertCommands(ResidentsUseCases):
    @query
    def list_reading_alerts(self, call: Call, form: api.ListReadingAlerts) -> Listed[Answer]:
        """Alerts that concern an area, or all of the caller's, the last raised first; none about themselves."""
        by = call.principal
        require_role(by, Permission.FOLLOW_UP_READING)
        area = form.area or by.area
        where = {"listed": area if by.covers(area) else "", "reader": {"$ne": by.subject}}
        where |= {name: value for name in ("state", "rule") if (value := getattr(form, name))}
        return newest_first(self.data.of(call), ReadingAlert, where, "raised_at", form, _row)

    @query
    def get_reading_alert(self, call: Call, alert: Id) -> Answer:
        """The alert with the ids of what was read, and the notes."""
        found = get(self.data.of(call), ReadingAlert, alert)
        if found.steps:
            self._note_read(call, "reading_alert", [alert])
        steps = [
            {"state": each.state, "by": each.by, "at": each.at, "note": self._opened(call, each.note, _NOTE)}
            for each in found.steps
        ]
        return _row(found) | {"records": list(found.records), "steps": steps}

    @command
    def explain_reading(self, call: Call, alert: Id, form: api.AlertNote) -> Answer:
        return self._follow_up(call, alert, form, ReadingAlert.explain)

    @command
    def confirm_misuse(self, call: Call, alert: Id, form: api.AlertNote) -> Answer:
        return self._follow_up(call, alert, form, ReadingAlert.confirm)

    @command
    def dismiss_reading_alert(self, call: Call, alert: Id, form: api.AlertNote) -> Answer:
        return self._follow_up(call, alert, form, ReadingAlert.dismiss)

    def _follow_up(self, call: Call, alert: str, form: api.AlertNote, step: Callable[..., None]) -> Answer:
        note = self._seal(call, form.note, _NOTE)
        return self._act(call, ReadingAlert, alert, lambda found: step(found, call.principal, note, call.now))


def _row(alert: ReadingAlert) -> Answer:
    return to_answer(alert, *_LISTED)
