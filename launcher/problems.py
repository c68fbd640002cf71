"""Errors that end a command, with a message that says what to do."""

from __future__ import annotations


class Stopped(Exception):
    """Ends the command with this message and exit code 1."""


class NotStarted(Stopped):
    """A part of the installation could not be started."""

    def __init__(self, part: str, reason: str) -> None:
        self.part = part
        super().__init__(f"{part}: {reason}")
