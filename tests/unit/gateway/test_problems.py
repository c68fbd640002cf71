"""How a problem is shown to its reader."""

from __future__ import annotations

from chassis.errors import Invalid, RemoteProblem
from gateway import problems


def test_a_fault_that_a_service_of_an_earlier_version_tells_in_english_alone_is_shown_as_it_is() -> None:
    wire = Invalid().to_wire() | {"data": {"fields": [{"field": "lead", "reason": "it is closed"}]}}
    shown = problems.body(RemoteProblem(wire), "zh-CN", "c-1")
    assert shown["fields"] == [{"field": "lead", "reason": "it is closed"}]
