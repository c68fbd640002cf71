"""Case aggregate: all concerns in one document."""

from __future__ import annotations

from typing import ClassVar

from services.cases.case.model.dispatch import Dispatch
from services.cases.case.model.dispute import Disputing
from services.cases.case.model.handling import Handling
from services.cases.case.model.imported import Importing
from services.cases.case.model.inspection import Inspection
from services.cases.case.model.intake import Intake
from services.cases.case.model.lead_requests import LeadRequests
from services.cases.case.model.merge import Merge
from services.cases.case.model.rating import Rating
from services.cases.case.model.reopening import Reopening
from services.cases.case.model.sub_tasks import SubTasks
from services.cases.case.model.supervision import Supervising
from services.cases.case.model.unit_calls import UnitCalls
from services.cases.case.model.urge import Urging
from services.cases.case.model.whistle import Whistle
from services.cases.case.model.withdrawal import Withdrawal


class Case(
    Intake, Importing, Withdrawal, Dispatch, Whistle, UnitCalls, Disputing, Handling, SubTasks, LeadRequests,
    Supervising, Urging, Merge, Inspection, Rating, Reopening,
):  # fmt: skip
    """Aggregate root: one matter from report to end state. Each mixin is one concern, in its own file of `model/`.

    A mixin has the name of its module, or a gerund if an embedded document or an event already has that name.
    """

    meta = {"collection": "cases", "strict": False, "auto_create_index": False}

    #: Each starts with the tenant, and the id breaks ties for keyset pagination. Lists are newest first, work lists
    #: ordered by due moment. Every visibility rule (`visibility.py`) has its own index.
    indexes: ClassVar[list[tuple[str, ...]]] = [
        ("areas", "-reported_at", "-_id"),
        ("areas", "state", "-reported_at", "-_id"),
        ("areas", "due", "_id"),
        ("units", "state", "-reported_at", "-_id"),
        ("units", "due", "_id"),
        ("handler", "due", "_id"),
        ("persons", "-reported_at", "-_id"),
        ("first_person", "-reported_at", "-_id"),
        ("inspectors", "-reported_at", "-_id"),
        ("state", "-reported_at", "-_id"),
        ("-reported_at", "-_id"),
    ]
    unique_if_any: ClassVar[list[str]] = ["number"]
