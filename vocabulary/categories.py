"""Categories: codes with dots, whose front parts name the groups that a category belongs to."""

from __future__ import annotations


def with_groups(category: str) -> list[str]:
    """Returns the category and its groups: `component.utility.lamp`, `component.utility`, `component`."""
    parts = category.split(".")
    return [".".join(parts[:count]) for count in range(len(parts), 0, -1)]
