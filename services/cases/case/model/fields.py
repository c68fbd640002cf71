"""Case aggregate: all its stored fields."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from mongoengine import (
    BooleanField,
    DateTimeField,
    DictField,
    EmbeddedDocumentField,
    EmbeddedDocumentListField,
    IntField,
    ListField,
    StringField,
)

from chassis.usecases.visibility import Visible
from services.cases.case.model import embedded


class CaseFields(Visible):
    """Abstract document with the fields of all concerns.

    Reasons are codes. Text written by people (`text`, `note`, `title`) is sealed before it gets here.
    `rated_lead` and `rated_round`, set on a merged case only: the lead and round of the parent that its parties rate.
    """

    meta = {"abstract": True, "strict": False}

    # what it is
    number: str = StringField(default="")
    kind: str = StringField(required=True)
    category: str = StringField(required=True)
    priority: str = StringField(required=True)
    state: str = StringField(required=True)
    state_since: datetime = DateTimeField(required=True)
    emergency: bool = BooleanField(default=False)
    personal_claim: bool = BooleanField(default=False)
    about: str = StringField(default="")
    source: str = StringField(default="")
    text: str = StringField(default="")
    photos: list[str] = ListField(StringField())
    screened: bool = BooleanField(default=True)
    screened_text: str = StringField(default="")
    screened_photos: list[str] = ListField(StringField())

    # where it is
    place: embedded.Place | None = EmbeddedDocumentField(embedded.Place)
    area: str = StringField(required=True)
    areas: list[str] = ListField(StringField())
    spans: list[str] = ListField(StringField())

    # whose it is
    parties: list[embedded.Party] = EmbeddedDocumentListField(embedded.Party)
    persons: list[str] = ListField(StringField())
    first_owner: embedded.FirstOwner | None = EmbeddedDocumentField(embedded.FirstOwner)
    first_post: str = StringField(default="")
    first_person: str = StringField(default="")
    answered_by_owner_at: datetime | None = DateTimeField()
    tier: str = StringField(default="street")
    registering_tier: str = StringField(default="")
    lead: str = StringField(default="")
    lead_kind: str = StringField(default="")
    lead_path: str = StringField(default="")
    units: list[str] = ListField(StringField())
    handler: str = StringField(default="")
    inspectors: list[str] = ListField(StringField())
    entry: str = StringField(default="")
    ruled: bool = BooleanField(default=False)
    first_lead: str = StringField(default="")

    # beside the state
    verification: embedded.Verification | None = EmbeddedDocumentField(embedded.Verification)
    rejection: embedded.Rejection | None = EmbeddedDocumentField(embedded.Rejection)
    objected: bool = BooleanField(default=False)
    returns: list[embedded.Return] = EmbeddedDocumentListField(embedded.Return)
    dispute: embedded.Dispute | None = EmbeddedDocumentField(embedded.Dispute)
    calls: list[embedded.UnitCall] = EmbeddedDocumentListField(embedded.UnitCall)
    sub_tasks: list[embedded.SubTask] = EmbeddedDocumentListField(embedded.SubTask)
    requests: list[embedded.Request] = EmbeddedDocumentListField(embedded.Request)
    urges: list[embedded.Urge] = EmbeddedDocumentListField(embedded.Urge)
    supervisions: list[embedded.Supervision] = EmbeddedDocumentListField(embedded.Supervision)

    # merged
    merged_into: str = StringField(default="")
    merged_from: str = StringField(default="")
    children: list[embedded.Child] = EmbeddedDocumentListField(embedded.Child)
    own_priority: str = StringField(default="")

    # result
    outcome: str = StringField(default="")
    planned_for: datetime | None = DateTimeField()
    results: list[embedded.Result] = EmbeddedDocumentListField(embedded.Result)
    reworks: int = IntField(default=0)
    round: int = IntField(default=1)
    reopened_by_party: bool = BooleanField(default=False)

    # time
    limits_version: str = StringField(default="")
    reported_at: datetime = DateTimeField(required=True)
    registered_at: datetime | None = DateTimeField()
    breaches: list[embedded.Breach] = EmbeddedDocumentListField(embedded.Breach)
    clock: embedded.Clock | None = EmbeddedDocumentField(embedded.Clock)
    due: datetime | None = DateTimeField()
    step: str = StringField(default="")
    step_due: datetime | None = DateTimeField()
    step_overdue: bool = BooleanField(default=False)
    contact_due: datetime | None = DateTimeField()
    contacted_at: datetime | None = DateTimeField()
    contact_overdue: bool = BooleanField(default=False)
    closing_due: datetime | None = DateTimeField()
    closing_overdue: bool = BooleanField(default=False)
    rating_until: datetime | None = DateTimeField()
    rated_lead: str = StringField(default="")
    rated_round: int = IntField(default=1)
    closed_at: datetime | None = DateTimeField()
    next_due_at: datetime | None = DateTimeField()
    mark: str = StringField(default="")
    history: list[dict[str, Any]] = ListField(DictField())
