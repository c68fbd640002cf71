"""Limits: how long each step of a case may take, by priority."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import msgspec

from chassis.errors import Fault, Invalid
from services.cases.api.states import Priority
from vocabulary.limits import DEFAULT_LIMITS
from vocabulary.working_time import BusinessCalendar, NoSpan, Span


class ByPriority(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One span per priority."""

    P1: Span
    P2: Span
    P3: Span
    P4: Span

    @classmethod
    def default(cls, limit: str) -> ByPriority:
        spans: Any = DEFAULT_LIMITS[limit]
        return cls(**{priority: Span.parse(text) for priority, text in spans.items()})

    def __getitem__(self, priority: Priority) -> Span:
        span: Span = getattr(self, priority.value)
        return span


def _default(limit: str) -> Span:
    return Span.parse(str(DEFAULT_LIMITS[limit]))


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """All limits of a tenant, and the calendar that counts them.

    A case keeps the due moments from its registration: a later change of the settings affects open cases only
    through an explicit recomputation.
    """

    calendar: BusinessCalendar = BusinessCalendar()
    case: ByPriority = ByPriority.default("case")
    verify: ByPriority = ByPriority.default("verify")
    dispatch: ByPriority = ByPriority.default("dispatch")
    accept: ByPriority = ByPriority.default("accept")
    contact: ByPriority = ByPriority.default("contact")
    report_in: ByPriority = ByPriority.default("report_in")
    ruling: ByPriority = ByPriority.default("ruling")
    urge: ByPriority = ByPriority.default("urge")
    suspension: Span = _default("suspension")
    all_suspensions: Span = _default("all_suspensions")
    planned: Span = _default("planned")
    rating: Span = _default("rating")
    objection: Span = _default("objection")
    reopening: Span = _default("reopening")
    appeal: Span = _default("appeal")

    @classmethod
    def default(cls) -> Limits:
        return cls()

    @classmethod
    def from_settings(cls, settings: dict[str, Any]) -> Limits:
        """Parses a tenant's settings, `{"calendar": {…}, "limits": {"case": {"P3": "5wd"}, "appeal": "3d"}}`.

        Missing limits keep their defaults; unknown ones, from a later version, are ignored. Raises `Invalid` with all
        bad fields.
        """
        calendar = BusinessCalendar.from_settings(settings.get("calendar", {}))
        return cls(calendar=calendar).changed(settings.get("limits", {}))

    def changed(self, changes: dict[str, Any]) -> Limits:
        """Returns a copy with some limits replaced: by a tenant's settings, or by emergency mode on top of them."""
        faults: list[Fault] = []
        parsed = {name: self._parse(name, value, faults) for name, value in changes.items() if name in _CHANGEABLE}
        if faults:
            raise Invalid(*faults)
        return msgspec.structs.replace(self, **parsed)

    def _parse(self, name: str, value: object, faults: list[Fault]) -> Span | ByPriority | None:
        current: Span | ByPriority = getattr(self, name)
        if isinstance(current, Span):
            return _span(f"limits.{name}", value, faults)
        if not isinstance(value, dict):
            faults.append((f"limits.{name}", "must map P1, P2, P3 or P4 to a span", "须按 P1、P2、P3、P4 分别填写时长"))
            return None
        known = value.keys() & set(Priority)
        spans = {each: _span(f"limits.{name}.{each}", value[each], faults) for each in known}
        return msgspec.structs.replace(current, **spans)

    # -- when each step is due ------------------------------------------------------------------------

    def verify_due(self, priority: Priority, reported: datetime) -> datetime | None:
        """None for P1, which needs no verification."""
        return None if priority is Priority.P1 else self.calendar.add(reported, self.verify[priority])

    def dispatch_due(self, priority: Priority, registered: datetime) -> datetime:
        return self.calendar.add(registered, self.dispatch[priority])

    def accept_due(self, priority: Priority, dispatched: datetime) -> datetime:
        return self.calendar.add(dispatched, self.accept[priority])

    def report_in_due(self, priority: Priority, called: datetime) -> datetime:
        """When a called unit that has not reported in counts as a no-show."""
        return self.calendar.add(called, self.report_in[priority])

    def contact_due(self, priority: Priority, accepted: datetime) -> datetime:
        """When the first contact with the party is due."""
        return self.calendar.add(accepted, self.contact[priority])

    def inspection_due(self, priority: Priority, resolved: datetime) -> datetime:
        """When inspection is due; uses the accept limit."""
        return self.calendar.add(resolved, self.accept[priority])

    def closing_due(self, priority: Priority, due: datetime) -> datetime:
        """When closing is due: `due`, the due moment of the case, plus the accept limit."""
        return self.calendar.add(due, self.accept[priority])

    def ruling_due(self, priority: Priority, disputed: datetime) -> datetime:
        return self.calendar.add(disputed, self.ruling[priority])

    def urge_due(self, priority: Priority, urged: datetime) -> datetime:
        return self.calendar.add(urged, self.urge[priority])

    def suspension_until(self, start: datetime, before: timedelta = timedelta(0)) -> datetime:
        """The latest end of a suspension. `before`: how long the case has been suspended already."""
        left = Span(self.all_suspensions.kind, max(self.all_suspensions.length - before, timedelta(0)))
        return min(self.calendar.add(start, self.suspension), self.calendar.add(start, left))

    def planned_until(self, resolved: datetime) -> datetime:
        """The latest date of a planned outcome (挂账)."""
        return self.calendar.add(resolved, self.planned)

    def rating_until(self, asked: datetime) -> datetime:
        return self.calendar.add(asked, self.rating)

    def objection_until(self, decided: datetime) -> datetime:
        return self.calendar.add(decided, self.objection)

    def reopening_until(self, closed: datetime) -> datetime:
        return self.calendar.add(closed, self.reopening)

    def appeal_until(self, notified: datetime) -> datetime:
        return self.calendar.add(notified, self.appeal)


_CHANGEABLE = frozenset(Limits.__struct_fields__) - {"calendar"}


def _span(field: str, value: object, faults: list[Fault]) -> Span | None:
    try:
        if not isinstance(value, str):
            raise NoSpan("must be text such as 2h", "须为文本，如 2h")
        return Span.parse(value)
    except NoSpan as error:
        faults.append((field, *error.reasons))
        return None
