"""Guards (state machine): the right and the state that a step of a case needs, before anything else about it.

A command asks its guard (`CaseRecord.require_may`), and what a caller may do now (`possible_steps`) asks the same one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias

from services.cases.api.states import State
from services.cases.case.acts import Act
from services.cases.case.model.states import TRANSITIONS
from vocabulary.rights import HOLDERS
from vocabulary.roles import Permission

Facts: TypeAlias = Callable[[Any], Mapping[str, Any]]
"""What relates callers to the step, of the case: fields of `vocabulary.rights.Resource`."""


class Guard:
    """The step needs one of `permissions`, in one of `states`: by default those of the state machine.

    `facts`: where the step relates callers otherwise than the case. Of a step that names an entry of a list, such as a
    sub-task, they are those of all entries; the step checks the one that it names.
    """

    __slots__ = ("act", "facts", "holders", "permissions", "states")

    def __init__(
        self, act: Act, *permissions: Permission, states: Iterable[State] = (), facts: Facts | None = None
    ) -> None:
        self.act, self.permissions, self.facts = act, permissions, facts
        self.states = frozenset(states or TRANSITIONS[act])
        self.holders: frozenset[str] = frozenset().union(*(HOLDERS[permission] for permission in permissions))
