"""Stories that together emit every event of the other aggregates of the cases service."""

from __future__ import annotations

from collections.abc import Iterator

from chassis.persistence.aggregate import Aggregate
from services.cases.counter import events as counter
from services.cases.deliberation import events as deliberation
from services.cases.evidence import events as evidence
from services.cases.hotline import events as hotline
from services.cases.mediation import events as mediation
from services.cases.reviews import events as reviews
from tests.contract.stories import events_of
from tests.unit.cases import (
    test_counter,
    test_deliberation,
    test_evidence,
    test_hotline,
    test_mediation,
    test_review,
)

EVENTS = events_of(counter, deliberation, evidence, hotline, mediation, reviews)


def of_proceedings() -> Iterator[Aggregate]:
    review, record = test_review.appealed(), test_review.breach()
    review.rule_on_appeal(test_review.OTHER_CENTRE, True, "")
    record.hear(test_review.OTHER, "", test_review.NOW)
    record.conclude(test_review.CENTRE, True, "", test_review.NOW, test_review.LIMITS)
    record.appeal(test_review.OTHER, "", test_review.NOW)
    record.rule_on_appeal(test_review.OTHER_CENTRE, False, "")
    yield from (review, record)


def of_talks() -> Iterator[Aggregate]:
    kept, failed = test_mediation.agreed(), test_mediation.opened()
    kept.confirm_fulfilled(test_mediation.UPSTAIRS, test_mediation.NOW)
    kept.confirm_fulfilled(test_mediation.DOWNSTAIRS, test_mediation.NOW)
    failed.give_up(test_mediation.MEDIATOR)
    decided, cancelled = test_deliberation.held(), test_deliberation.convened()
    decided.decide(test_deliberation.COMMUNITY, "", test_deliberation.follow_up(), test_deliberation.LATER)
    decided.name_case("C1")
    cancelled.cancel(test_deliberation.COMMUNITY)
    yield from (kept, failed, decided, cancelled)


def of_intake() -> Iterator[Aggregate]:
    article, callback = test_hotline.published("路灯", "一"), test_hotline.callback()
    article.retire(test_hotline.AGENT)
    callback.attempt(test_hotline.AGENT, True, "", test_hotline.NOW)
    ticket = test_counter.ticket(test_counter.SERVICES[:1])
    ticket.end_item(test_counter.CIVIL, 1, True, "", test_counter.NOW)
    call, roster = test_hotline.call(test_hotline.CallOutcome.CALLBACK), test_hotline.roster()
    photo, comment = test_evidence.attached(), test_evidence.comment()
    photo.remove("erased")
    yield from (article, callback, ticket, call, roster, photo, comment)


def aggregates() -> Iterator[Aggregate]:
    yield from (*of_proceedings(), *of_talks(), *of_intake())
