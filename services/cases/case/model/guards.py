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
    sub-task, they are those of all entries; the step checks the one that it names. `at_parent`: taken on a merged case,
    the step reaches its parent, whose state then counts.
    """

    __slots__ = ("act", "at_parent", "facts", "holders", "permissions", "states")

    def __init__(
        self, act: Act, *permissions: Permission, states: Iterable[State] = (), facts: Facts | None = None,
        at_parent: bool = False,
    ) -> None:  # fmt: skip
        self.act, self.permissions, self.facts, self.at_parent = act, permissions, facts, at_parent
        self.states = frozenset(states or TRANSITIONS[act])
        self.holders: frozenset[str] = frozenset().union(*(HOLDERS[permission] for permission in permissions))

    def is_open(self, state: State) -> bool:
        return state in self.states or (self.at_parent and state is State.MERGED)
