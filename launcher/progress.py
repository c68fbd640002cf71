"""Progress on one line: a terminal sees it overwritten; a file or pipe gets only what is final."""

from __future__ import annotations

import sys


class Line:
    """The line that is being written. `show` replaces it, `end` finishes it."""

    def show(self, text: str) -> None:
        if sys.stdout.isatty():
            print(f"\r\033[K{text}", end="", flush=True)

    def end(self, text: str) -> None:
        start = "\r\033[K" if sys.stdout.isatty() else ""
        print(f"{start}{text}", flush=True)


class Loading(Line):
    """Progress of the demo cities, which load at the same time: what was last loaded of each."""

    def __init__(self) -> None:
        self._now: dict[str, str] = {}

    def __call__(self, what: str, part: int, whole: int) -> None:
        """`what`: `city: things`."""
        city, _, things = what.partition(": ")
        self._now[city] = f"{things} {part} of {whole}"
        self.show("demo       " + "; ".join(f"{name}: {done}" for name, done in self._now.items()))
        if part == whole and not sys.stdout.isatty():
            self.end(f"demo       {city}: {whole} {things}")
