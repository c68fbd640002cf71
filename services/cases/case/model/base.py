"""Case aggregate, base: sight, public state, construction, and the history of steps."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self, TypedDict

import msgspec

from chassis.envelope import NOBODY, Event, Visibility
from chassis.errors import Refused
from chassis.security.principal import Principal, codes_of, system
from chassis.usecases.visibility import require_seen
from services.cases.api.states import Priority, State
from services.cases.case.acts import Act
from services.cases.case.events import CaseEvent, CaseState, Restated
from services.cases.case.model import embedded, routing, visibility
from services.cases.case.model.fields import CaseFields
from services.cases.case.model.guards import Guard
from services.cases.case.model.inputs import PartyIs, PlaceAt, Report
from services.cases.case.model.permissions import NotParty, require_permission
from services.cases.case.model.states import TRANSITIONS, MergedInto, WrongState, require
from services.cases.case.texts_zh import HELD
from vocabulary import tiers
from vocabulary.rights import Resource
from vocabulary.roles import Permission, Role
from vocabulary.tiers import Tier

#: Limit on history entries. Steps that do not change the state stop earlier, which leaves room for those that do.
MOST_STEPS = 400
MOST_STEPS_BESIDE = 250
#: Limit on characters of sealed notes: the chassis stores no document over 256 kB.
MOST_NOTED = 60_000
MOST_ENTRIES = 100
MOST_PHOTOS = 100
#: Steps on the shortest path to an end state, exempt from the limits. None leads back, so their number is bounded.
_ALWAYS_POSSIBLE = frozenset({
    Act.ACCEPT, Act.REPORT_IN, Act.START, Act.RESUME, Act.RESOLVE, Act.INSPECT, Act.PASS, Act.END_RATING,
    Act.REJECT, Act.SELF_RESOLVE, Act.UNMERGE, Act.WITHDRAW, Act.VOID,
    Act.CONTACT, Act.ACCEPT_SUB_TASK, Act.FINISH_SUB_TASK, Act.WAIVE_SUB_TASK, Act.RATE, Act.CALL_BACK,
})  # fmt: skip


class Full(Refused):
    """A list of the case has reached its limit. `what`: the list; `most`: the limit."""

    code = "case.full"
    en = "A case can hold at most {most} {what}. Close it and report what remains as a new case."
    zh = "单个案件的{what}上限为 {most}，请办结本案后另行上报。"
    chinese = {"what": HELD}


class Reach(TypedDict, total=False):
    """Whom an event about a case reaches. `area`: above the division complained about; `about`: excluded (回避)."""

    case: str
    area: str
    units: list[str]
    about: str


class CaseRecord(CaseFields):
    """Abstract document: who sees a case, how it begins, and the only way in which its state changes."""

    meta = {"abstract": True, "strict": False}

    # -- who sees it, events and public state ---------------------------------------------------------

    def seen_by(self, by: Principal) -> bool:
        return visibility.sees(self, by)

    def event_actor(self, actor: str) -> str:
        hidden = {party.person for party in self.parties if party.confidentiality != "named"}
        return "" if actor in hidden else actor

    def event_area(self) -> str:
        """The case's area; for a complaint about a division, the area above that division (回避)."""
        return routing.above(self.area, self.about)

    def event_units(self) -> list[str]:
        return [unit for unit in self.units if unit != self.about]

    def reach(self) -> Reach:
        """Returns whom its events reach, for the events of the aggregates beside it (`CaseRelated`)."""
        return Reach(case=self.key, area=self.event_area(), units=self.event_units(), about=self.about)

    def event_visibility(self, event: Event) -> Visibility:
        if not isinstance(event, CaseEvent):
            return NOBODY
        return event.visibility() if self.all_named else event.visibility_until_screened()

    def state_event(self) -> CaseEvent:
        return Restated(case=self.public_state())

    def public_state(self) -> CaseState:
        named = [party.person for party in self.parties if party.confidentiality == "named"]
        hidden = {party.person for party in self.parties} - set(named)
        return CaseState(
            id=self.key,
            number=self.number,
            state=self.state,
            kind=self.kind,
            category=self.category,
            priority=self.priority,
            area=self.area,
            tier=self.tier,
            reported_at=self.reported_at,
            lead=self.lead,
            units=self.event_units(),
            handler=self.handler,
            persons=named,
            first_post=self.first_post,
            first_person="" if self.first_person in hidden else self.first_person,
            about=self.about,
            source=self.source,
            emergency=self.emergency,
            registered_at=self.registered_at,
            due=self.due,
            counted_due=self.counted_due,
            closing_due=self.closing_due,
            mark=self.mark,
            outcome=self.outcome,
            planned_for=self.planned_for,
            round=self.round,
            reworks=self.reworks,
            merged_into=self.merged_into,
            closed_at=self.closed_at,
        )

    @property
    def all_named(self) -> bool:
        return all(party.confidentiality == "named" for party in self.parties)

    @property
    def text_for_units(self) -> str:
        """The sealed text that all may read who see the case; of a confidential report, as intake has screened it."""
        text = self.screened_text or (self.text if self.all_named else "")
        return text if self.screened else ""

    @property
    def breached_at(self) -> datetime | None:
        """When this round was first breached; no later grant moves it."""
        return next((breach.at for breach in self.breaches if breach.round == self.round), None)

    @property
    def counted_due(self) -> datetime | None:
        """The due moment that indicators measure this round by: fixed by its first breach or its first result."""
        fixed = [result.due for result in self.results if result.round == self.round and result.due]
        return min([moment for moment in (self.breached_at, *fixed) if moment], default=self.due)

    def merged_children(self) -> list[embedded.Child]:
        """Merged cases that have not been released."""
        return [child for child in self.children if not child.released]

    @property
    def importance(self) -> Priority:
        return Priority(self.priority)

    # -- construction ---------------------------------------------------------------------------------

    @classmethod
    def _new(cls, tenant: str, key: str, kind: str, report: Report, now: datetime) -> Self:
        case = cls(id=cls.identity(tenant, key), tenant=tenant, kind=kind, category=report.category, reported_at=now)
        case.priority = case.own_priority = str(report.priority)
        case._put_at(report.place, report.spans)
        if report.party:
            case._add_party(report.party)
        for name in ("number", "text", "about", "personal_claim", "emergency"):
            setattr(case, name, getattr(report, name))
        case.photos, case.source = list(report.photos), report.resolution or report.visit
        case.screened = case.all_named
        # Start at the street of the place, the lowest tier that dispatches.
        case.tier = tiers.tier_of(tiers.at_tier(case._kept(case.area), Tier.STREET))
        return case

    def _kept(self, path: str) -> str:
        """Returns the path, or of one that leads into the division complained about, the division above (回避)."""
        above = routing.above(path, self.about)
        return above if codes_of(above) else path  # above a city there is nobody

    def _put_at(self, place: PlaceAt, spans: Any) -> None:
        """Sets the place and the areas. A case that spans several areas belongs to their lowest common ancestor."""
        self.place = embedded.Place(**msgspec.structs.asdict(place))
        self.spans = sorted({place.path, *spans}) if spans else []
        self.area = routing.common(place.path, *self.spans) or place.path
        self.areas = list(dict.fromkeys(code for path in (self.area, *self.spans) for code in codes_of(path)))

    def _add_party(self, party: PartyIs) -> None:
        self.parties.append(embedded.Party(**msgspec.structs.asdict(party)))
        self.persons = [*self.persons, party.person]
        self.screened = self.screened and party.confidentiality == "named"

    def _record_first_owner(self, by: Principal) -> None:
        """首问负责: the first staff member who takes the case stays on record permanently."""
        if self.first_owner is None:
            self.first_owner = embedded.FirstOwner(post=by.post, person=by.subject, unit=by.unit)
            self.first_post, self.first_person = by.post, by.subject

    # -- steps ----------------------------------------------------------------------------------------

    def _party(self, by: Principal, person: str = "") -> embedded.Party:
        """Returns the acting party: the caller, or `person` if the hotline or a counter acts for them."""
        who = person if by.has(Role.HOTLINE, Role.COUNTER) else by.subject
        found = next((party for party in self.parties if party.person == who), None)
        if found is None:
            raise NotParty()
        return found

    def resource(self, **facts: Any) -> Resource:
        """Returns what decides who is related to the case. `facts`: those of one step, such as the units it asks."""
        return Resource(**{
            "persons": self.persons, "taken_by": (self.first_person,), "assigned": self.inspectors,
            "area": self.area, "spans": self.spans, "tier": self.tier, "units": (self.lead,), **facts,
        })  # fmt: skip

    def _authorize(
        self, by: Principal, permission: Permission, *others: Permission, owner: str = "", **facts: Any
    ) -> None:
        """Checks sight, then the right. Raises `NotFound` if the caller cannot see the case, like an unknown id."""
        require_seen(self.seen_by(by))
        by = visibility.recused(by, self.about)
        require_permission(by, permission, *others, on=self.resource(**facts), owner=owner)

    def require_may(self, guard: Guard, by: Principal, owner: str = "", **facts: Any) -> None:
        """Checks sight, right and state, in this order. `facts`: those of the entry that the step names."""
        require_seen(self.seen_by(by))
        on = self.resource(**facts) if facts else self.resource_of(guard)
        require_permission(visibility.recused(by, self.about), *guard.permissions, on=on, owner=owner)
        if not guard.is_open(State(self.state)):
            self._require_state(guard.act, guard.states)

    def resource_of(self, guard: Guard) -> Resource:
        return self.resource(**(guard.facts(self) if guard.facts else {}))

    def _require(self, act: Act) -> None:
        self._require_state(act, frozenset(TRANSITIONS[act]))

    def _require_state(self, act: Act, states: frozenset[State]) -> None:
        if self.merged_into and State(self.state) not in states:
            raise MergedInto(act=str(act), state=self.state, allowed=sorted(map(str, states)), into=self.merged_into)
        require(act, State(self.state), states)

    def _move(self, act: Act, to: State, by: Principal, now: datetime, reason: str = "", note: str = "") -> None:
        """Performs a state transition and records the step; the state changes nowhere else."""
        self._require(act)
        source = State(self.state)
        if to not in TRANSITIONS[act][source]:
            raise WrongState(act=str(act), state=str(source), allowed=sorted(TRANSITIONS[act][source]))
        self._record_step(act, by, now, reason=reason, note=note, to=to)
        self.state = str(to)
        self.state_since = now

    def _record_step(
        self, act: Act, by: Principal, now: datetime, reason: str = "", note: str = "", to: str = "", **facts: str
    ) -> None:
        """Appends `{at, act, from, to, by, unit, post, reason, note, …}`; `from` and `to` only if the state changes."""
        if act not in _ALWAYS_POSSIBLE and by.subject != self._system().subject:
            self._require_steps(beside=not to)
        step: dict[str, Any] = {"at": now, "act": str(act), "from": self.state if to else "", "to": str(to)}
        step |= {"by": by.subject, "unit": by.unit, "post": by.post, "reason": reason, "note": note, **facts}
        self.history = [*self.history, {name: value for name, value in step.items() if value}]

    def _require_steps(self, beside: bool) -> None:
        most = MOST_STEPS_BESIDE if beside else MOST_STEPS
        if len(self.history) >= most:
            raise Full(what="steps", most=most)
        if beside and sum(len(step.get("note", "")) for step in self.history) >= MOST_NOTED:
            raise Full(what="characters of notes", most=MOST_NOTED)

    def _system(self) -> Principal:
        return system(self.tenant, "cases")


def require_room(what: str, entries: list[Any], most: int = MOST_ENTRIES) -> None:
    if len(entries) >= most:
        raise Full(what=what, most=most)
