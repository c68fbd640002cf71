"""The case: every concern of it in one document."""

from __future__ import annotations

from typing import ClassVar

from services.cases.case.model.dispute import Disputing
from services.cases.case.model.imported import Importing
from services.cases.case.model.merge import Merging
from services.cases.case.model.reopening import Reopening
from services.cases.case.model.urge import Urging
from services.cases.case.model.whistle import Whistling


class Case(Importing, Whistling, Disputing, Merging, Urging, Reopening):
    """One matter from its report to its end. `model/` holds a file for each concern."""

    meta = {"collection": "cases", "strict": False, "auto_create_index": False}

    #: The tenant comes first in each, and the id breaks ties, as pages do. Lists are newest first, work lists by
    #: what is due next. Each column of the table of roles that says "sees" has its own.
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
