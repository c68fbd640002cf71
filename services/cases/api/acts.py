"""Vocabulary of the acts on a case: each is the operation of that name, `cases.<act>`."""

from __future__ import annotations

from typing import Literal, TypeAlias

#: Also without a sign-in, by the case's code.
PartyAct: TypeAlias = Literal["rate", "urge", "object", "withdraw", "reopen"]
CaseAct: TypeAlias = Literal[
    PartyAct,
    # how it comes in
    "verify", "register", "reject", "self_resolve", "screen", "merge", "unmerge", "recompute_limits",
    # who works on it
    "escalate", "take_on", "dispatch", "whistle", "whistle_more", "redirect", "accept", "report_in", "dispute_call",
    "release_unit", "grade_unit", "invite_members", "return_case", "rule", "assign",
    # the work
    "start", "contact", "note_progress", "answer_reporter", "assign_sub_task", "reassign_sub_task", "accept_sub_task",
    "return_sub_task", "finish_sub_task", "waive_sub_task", "ask", "grant", "refuse", "resume", "resolve",
    # pressure
    "answer_urge", "supervise", "answer_supervision", "close_supervision",
    # how it ends
    "assign_inspector", "inspect", "call_back", "void",
]  # fmt: skip
