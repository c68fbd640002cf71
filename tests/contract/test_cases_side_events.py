"""What cases publishes beside the case fits its contracts, and the examples fit what is published."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest

from chassis.events import Event
from services.cases import side_events
from tests.unit.cases import (
    test_counter,
    test_deliberation,
    test_evidence,
    test_hotline,
    test_mediation,
    test_review,
)

CONTRACTS = Path(__file__).parents[2] / "services" / "cases" / "contracts"
EVENTS = {kind.type: kind for kind in vars(side_events).values() if isinstance(getattr(kind, "type", None), str)}


def contract_of(kind: str) -> Any:
    return json.loads((CONTRACTS / f"{kind.removeprefix('cases.')}.json").read_text(encoding="utf-8"))


def of_proceedings() -> Iterator[Event]:
    review, record = test_review.appealed(), test_review.breach(test_review.NOW - test_review.DAY, None)
    review.rule_on_appeal(test_review.CENTRE, True, "")
    record.hear(test_review.OTHER, "", test_review.NOW)
    record.conclude(test_review.CENTRE, True, "", test_review.NOW, test_review.LIMITS)
    record.appeal(test_review.OTHER, "", test_review.NOW)
    record.rule_on_appeal(test_review.CENTRE, False, "")
    yield from (*review.pending, *record.pending)


def of_talks() -> Iterator[Event]:
    kept, failed = test_mediation.agreed(), test_mediation.opened()
    kept.confirm_fulfilled(test_mediation.UPSTAIRS, test_mediation.NOW)
    kept.confirm_fulfilled(test_mediation.DOWNSTAIRS, test_mediation.NOW)
    failed.give_up(test_mediation.MEDIATOR)
    decided, cancelled = test_deliberation.held(), test_deliberation.convened()
    decided.decide(test_deliberation.COMMUNITY, "", test_deliberation.follow_up(), test_deliberation.LATER)
    decided.name_case("C1")
    cancelled.cancel(test_deliberation.COMMUNITY)
    for talk in (kept, failed, decided, cancelled):
        yield from talk.pending


def of_intake() -> Iterator[Event]:
    article, callback = test_hotline.published("路灯", "一"), test_hotline.callback()
    article.retire(test_hotline.AGENT)
    callback.attempt(test_hotline.AGENT, True, "", test_hotline.NOW)
    ticket = test_counter.ticket(test_counter.SERVICES[:1])
    ticket.end_item(test_counter.CIVIL, 1, True, "", test_counter.NOW)
    call, roster = test_hotline.call(test_hotline.Outcome.CALLBACK), test_hotline.roster()
    photo, comment = test_evidence.attached(), test_evidence.comment()
    photo.remove("erased")
    for aggregate in (article, callback, ticket, call, roster, photo, comment):
        yield from aggregate.pending


@pytest.mark.parametrize("kind", EVENTS)
def test_an_example_fits_its_contract_and_its_class(kind: str) -> None:
    contract = contract_of(kind)
    jsonschema.Draft202012Validator.check_schema(contract["schema"])
    jsonschema.validate(contract["example"], contract["schema"])
    assert json.loads(msgspec.json.encode(msgspec.convert(contract["example"], EVENTS[kind]))) == contract["example"]


def test_everything_published_fits_its_contract() -> None:
    seen = set()
    for event in (*of_proceedings(), *of_talks(), *of_intake()):
        jsonschema.validate(json.loads(msgspec.json.encode(event)), contract_of(event.type)["schema"])
        seen.add(event.type)
    assert seen == set(EVENTS)
