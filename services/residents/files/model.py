"""Aggregate of a file that is kept for a while: its content lies sealed in the blob store under the same key."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from mongoengine import DateTimeField

from chassis.envelope import NOBODY
from chassis.usecases.visibility import VisibleToNobody


class StoredFile(VisibleToNobody):
    """It is recorded before its content is stored, so that no content is left behind. Who may read it, decides the
    record that it belongs to, whose key it has."""

    meta: ClassVar[dict[str, Any]] = {"collection": "stored_files"}
    indexes: ClassVar[list[tuple[str, ...]]] = [("kept_until",)]
    has_natural_key = True
    visible_to = NOBODY

    kept_until: datetime = DateTimeField(required=True)
