"""Commands, queries and event handlers of reviews (复核), accountability (问责) and appeals (申诉)."""

from __future__ import annotations

from datetime import timedelta

from chassis.context import Call, Received
from chassis.entrypoints.consumer import handles
from chassis.entrypoints.rpc_server import command, query
from chassis.errors import Invalid, Taken
from chassis.ids import derived
from chassis.persistence.tenant_data import ALL, TenantData
from chassis.security.principal import codes_of
from chassis.types import Answer, Id, Listed
from chassis.usecases.pages import newest_first
from chassis.usecases.records import create, fields_of, get, step_answer, to_answer
from chassis.usecases.service import Documents
from chassis.usecases.visibility import require_seen
from services.cases.analytics.model.facts import CaseFacts, Rollup
from services.cases.api import reviews as api
from services.cases.api.reviews import ProceedingKind
from services.cases.case.events import Rated
from services.cases.case.model.case import Case
from services.cases.case.model.permissions import require_permission
from services.cases.case.model.visibility import without_complaints
from services.cases.directory import replicas
from services.cases.directory.limit_versions import limits_of_case
from services.cases.records import RecordCommands
from services.cases.reviews.events import AccountabilityAppealRuled, ReviewAppealRuled
from services.cases.reviews.model import LOW_SCORE, Accountability, HeldAccountable, Period, Proceeding, Review
from vocabulary.access import require_role
from vocabulary.rights import Resource, may, units_with
from vocabulary.roles import Permission

_MODEL: dict[str, type[Proceeding]] = {"review": Review, "accountability": Accountability}
_SUMMARY = fields_of(api.ListedProceeding)
_DETAIL = (*_SUMMARY, "appeal_until", "granted")
_WORDS = ("statement", "finding", "grounds", "ruling")


class ReviewCommands(RecordCommands):
    documents: Documents = (Review, Accountability)

    @handles(Rated)
    def open_review_of_low_rating(self, event: Received) -> None:
        """A rating of 1 or 2 opens a review of the department, at most one per round of a case.

        The party of a merged case rates the work on the parent, so the review is of the parent and in its area.
        """
        rated = event.as_(Rated)
        if rated.satisfied is None or rated.satisfied > LOW_SCORE:
            return
        data = self.data.of(event)
        case = rated.of or rated.case.id
        review = Review.of_rating(
            event.tenant,
            derived(event.tenant, "review", case, str(rated.round)),
            unit=rated.unit,
            score=rated.satisfied,
            now=event.now,
            limits=replicas.limits_of(data),
            **data.get(Case, case).reach(),
        )
        data.add(review)

    @handles(ReviewAppealRuled, AccountabilityAppealRuled)
    def strike_after_appeal(self, event: Received) -> None:
        """申诉剔除: strikes the case from the department's adjusted figure."""
        ruled = event.as_(ReviewAppealRuled)
        if ruled.granted and ruled.case:
            self.data.of(event).change(CaseFacts, ruled.case, lambda facts: facts.strike(ruled.unit))

    @command
    def hear_department(self, call: Call, kind: ProceedingKind, proceeding: Id, told: api.Statement) -> Answer:
        sealed = self._seal(call, told.statement, f"{kind}.statement")
        return self._act(call, _MODEL[kind], proceeding, lambda found: found.hear(call.principal, sealed, call.now))

    @command
    def conclude_proceeding(
        self, call: Call, kind: ProceedingKind, proceeding: Id, concluded: api.Conclusion
    ) -> Answer:
        sealed = self._seal(call, concluded.finding, f"{kind}.finding")
        limits = replicas.limits_of(self.data.of(call))
        return self._act(
            call,
            _MODEL[kind],
            proceeding,
            lambda found: found.conclude(call.principal, concluded.founded, sealed, call.now, limits),
        )

    @command
    def appeal_proceeding(self, call: Call, kind: ProceedingKind, proceeding: Id, appeal: api.Appeal) -> Answer:
        sealed = self._seal(call, appeal.grounds, f"{kind}.grounds")
        return self._act(call, _MODEL[kind], proceeding, lambda found: found.appeal(call.principal, sealed, call.now))

    @command
    def rule_on_appeal(self, call: Call, kind: ProceedingKind, proceeding: Id, ruled: api.AppealRuling) -> Answer:
        sealed = self._seal(call, ruled.ruling, f"{kind}.ruling")
        return self._act(
            call, _MODEL[kind], proceeding, lambda found: found.rule_on_appeal(call.principal, ruled.granted, sealed)
        )

    @command
    def hold_accountable(self, call: Call, grounds: api.Grounds) -> Answer:
        """By the centre, on one ground: a founded review, a breached deadline, or low satisfaction in a period."""
        data, by = self.data.of(call), call.principal
        require_permission(by, Permission.HOLD_ACCOUNTABLE, on=Resource(area=by.area))
        named = [name for name in ("review", "case", "unit") if getattr(grounds, name)]
        if len(named) != 1:
            raise Invalid(
                ("grounds", "name exactly one of review, case and unit", "review、case、unit 三项中须且只能填写一项")
            )
        open_from = {"review": self._from_review, "case": self._from_breach, "unit": self._from_period}[named[0]]
        try:
            return create(data, Accountability, lambda _: open_from(call, data, grounds), step_answer)
        except Taken as other:
            raise HeldAccountable(accountability=other.data["key"]) from other

    @query
    def get_proceeding(self, call: Call, kind: ProceedingKind, proceeding: Id) -> Answer:
        found = get(self.data.of(call), _MODEL[kind], proceeding)
        opened = self._open(call, proceeding, {f"{kind}.{name}": getattr(found, name) for name in _WORDS})
        return to_answer(found, *_DETAIL) | opened

    @query
    def list_proceedings(self, call: Call, kind: ProceedingKind, page: api.ListProceedings) -> Listed[Answer]:
        """For a centre or supervisor, those of the area in one state (default OPEN); for a department, its own."""
        by = call.principal
        if may(by, Permission.READ_PROCEEDINGS, Resource(area=by.area)):
            where: Answer = {"codes": codes_of(by.area)[-1], "state": page.state or api.ProceedingState.OPEN}
        else:
            require_role(by, Permission.READ_PROCEEDINGS)
            own = units_with(by, Permission.READ_PROCEEDINGS)
            where = {"unit": {"$in": own}} | ({"state": page.state} if page.state else {})
        where |= without_complaints(by)
        return newest_first(
            self.data.of(call), _MODEL[kind], where, "opened_at", page, lambda one: to_answer(one, *_SUMMARY)
        )

    def _from_review(self, call: Call, data: TenantData, grounds: api.Grounds) -> Accountability:
        review = get(data, Review, grounds.review)
        return Accountability.of_review(review, call.principal, call.now, replicas.limits_of(data))

    @staticmethod
    def _require_no_other(data: TenantData, unit: str, area: str, period: Period) -> None:
        """Raises `HeldAccountable` if the unit was held to account for a part of the period already.

        The same ground again is left to the record's own key, by which a repeated request finds its answer.
        """
        overlapping = {"unit": unit, "since": {"$lt": period.until}, "until": {"$gt": period.since}}
        for row in data.rows(Accountability, overlapping, ["since", "until", "area"], limit=ALL):
            if (row["since"], row["until"], row["area"]) != (period.since, period.until, area):
                raise HeldAccountable(accountability=row["key"])

    def _from_breach(self, call: Call, data: TenantData, grounds: api.Grounds) -> Accountability:
        case = get(data, Case, grounds.case)
        require_seen(call.principal.covers(case.area))
        case.tick(call.now, limits_of_case(data, case))  # a breach of this moment may not be stored yet
        return Accountability.of_breach(call.principal, case, call.now, replicas.limits_of(data))

    def _from_period(self, call: Call, data: TenantData, grounds: api.Grounds) -> Accountability:
        since, until = grounds.since, grounds.until
        if since is None or until is None or not since <= until <= since + timedelta(days=366):
            raise Invalid(
                ("grounds.until", "must be within a year from `since` on", "不得早于 since，且跨度不超过一年")
            )
        area = call.principal.area
        require_seen(bool(area))
        days = {"$gte": since.isoformat(), "$lte": until.isoformat()}
        where = {"unit": grounds.unit, "day": days, "codes": codes_of(area)[-1], **without_complaints(call.principal)}
        sums = {name: {"$sum": f"$counts.{name}"} for name in ("satisfied_answered", "satisfied")}
        counts = next(iter(data.aggregate(Rollup, where, [{"$group": {"_id": None, **sums}}])), dict.fromkeys(sums, 0))
        limits = replicas.limits_of(data)
        period = Period(
            since=limits.calendar.day(since),
            until=limits.calendar.day(until + timedelta(days=1)),
            answered=counts["satisfied_answered"],
            satisfied=counts["satisfied"],
            floor=grounds.floor,
        )
        self._require_no_other(data, grounds.unit, area, period)
        return Accountability.of_period(
            call.principal, unit=grounds.unit, area=area, period=period, now=call.now, limits=limits
        )
