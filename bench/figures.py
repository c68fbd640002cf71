"""Named figures with optional goals."""

from __future__ import annotations

import json
import sys


class Figures:
    """Collects and prints figures. `quiet`: progress goes to stderr, so that stdout has only the final JSON."""

    def __init__(self, *, quiet: bool) -> None:
        self._values: dict[str, float] = {}
        self._lines = sys.stderr if quiet else sys.stdout

    def add(self, name: str, value: float, goal: float | None = None, *, most: bool = False) -> None:
        """Records and prints a figure. `most`: the goal is an upper bound."""
        self.say(f"{name:40}{value:12,.2f}")
        self.note(name, value, goal, most=most)

    def note(self, name: str, value: float, goal: float | None = None, *, most: bool = False) -> None:
        """Records a figure; prints it only if it misses its goal."""
        self._values[name] = value
        if goal is not None and (value > goal if most else value < goal):
            self.say(f"MISSED {name}: {value:,.2f}, goal {'≤' if most else '≥'} {goal:g}")

    def say(self, line: str) -> None:
        print(line, file=self._lines, flush=True)

    def json(self) -> str:
        return json.dumps({name: round(value, 3) for name, value in self._values.items()}, indent=1)
