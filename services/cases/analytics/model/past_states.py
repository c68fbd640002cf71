"""What a case was at a past moment, from its stored history."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any


def state_at(history: Iterable[Mapping[str, Any]], moment: datetime) -> str:
    """Returns the state at the moment; "" before the case was reported."""
    return next((step["to"] for step in reversed([*history]) if step.get("to") and step["at"] <= moment), "")
