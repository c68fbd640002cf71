"""The case: every concern of it in one document."""

from __future__ import annotations

from typing import ClassVar

from services.cases.model.disputing import Disputing
from services.cases.model.importing import Importing
from services.cases.model.merging import Merging
from services.cases.model.reopening import Reopening
from services.cases.model.urging import Urging
from services.cases.model.whistling import Whistling


class Case(Importing, Whistling, Disputing, Merging, Urging, Reopening):
    """One matter from its report to its end. `model/` holds a file for each concern."""

    meta = {"collection": "cases", "strict": False, "auto_create_index": False}

    #: The tenant comes first in each. Lists are newest first, work lists by what is due next.
    indexes: ClassVar[list[tuple[str, ...]]] = [
        ("areas", "-reported_at"),
        ("areas", "state", "-reported_at"),
        ("units", "state", "-reported_at"),
        ("lead", "state", "due"),
        ("handler", "state", "due"),
        ("persons", "-reported_at"),
        ("first_person", "-reported_at"),
        ("inspectors", "state", "-reported_at"),
        ("state", "-reported_at"),
        ("place.cell", "category", "-reported_at"),
        ("source",),
    ]
