"""Natural key of a dwelling: made from place and door, so that a dwelling is recorded once."""

from __future__ import annotations

from collections.abc import Callable


def key_of_door(blind: Callable[[str, str], str], place: str, door: str) -> str:
    """`place`: the building, or the area of a dwelling without one. The key does not tell the door."""
    return blind(f"{place}/{door}", "door")
