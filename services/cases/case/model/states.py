"""State machine of the case: the single table of transitions (docs/domain.md)."""

from __future__ import annotations

from collections.abc import Mapping

from chassis.errors import Refused
from services.cases.api.states import State
from services.cases.case import texts_en
from services.cases.case.acts import Act
from services.cases.case.texts_zh import ACTS, CASE_STATES


def _from(*sources: State, to: tuple[State, ...]) -> Mapping[State, frozenset[State]]:
    return dict.fromkeys(sources, frozenset(to))


#: Registered, not yet resolved.
AT_WORK = (
    State.REGISTERED, State.DISPATCHED, State.WHISTLED, State.RETURNED,
    State.ACCEPTED, State.IN_PROGRESS, State.SUSPENDED, State.REWORK,
)  # fmt: skip
#: Open, and not (or no longer) resolved.
UNRESOLVED = (State.REPORTED, State.VERIFYING, *AT_WORK, State.REOPENED)
OPEN = (*UNRESOLVED, State.RESOLVED, State.INSPECTING, State.AWAITING_RATING)
#: Open, or merged into a case that may be.
NOT_OVER = (*OPEN, State.MERGED)
#: Accepted by the lead, not yet resolved.
WITH_LEAD = (State.ACCEPTED, State.IN_PROGRESS, State.SUSPENDED, State.REWORK)

#: Requests, supervision and 催办 do not change the state, and are not listed.
TRANSITIONS: Mapping[Act, Mapping[State, frozenset[State]]] = {
    Act.VERIFY: _from(State.REPORTED, State.VERIFYING, to=(State.VERIFYING,)),
    Act.REGISTER: _from(State.VERIFYING, to=(State.REGISTERED,)),
    Act.REJECT: _from(State.VERIFYING, to=(State.REJECTED,)),
    Act.OBJECT: _from(State.REJECTED, State.SELF_RESOLVED, to=(State.VERIFYING,)),
    Act.SELF_RESOLVE: _from(State.REPORTED, State.VERIFYING, to=(State.SELF_RESOLVED,)),
    Act.MERGE: _from(State.VERIFYING, *AT_WORK, to=(State.MERGED,)),
    Act.UNMERGE: _from(State.MERGED, to=(State.VERIFYING, State.REGISTERED)),
    Act.ESCALATE: _from(State.REGISTERED, to=(State.REGISTERED,)),
    Act.TAKE_ON: _from(State.REGISTERED, to=(State.IN_PROGRESS,)),
    Act.DISPATCH: _from(State.REGISTERED, State.RETURNED, State.REOPENED, to=(State.DISPATCHED,)),
    Act.WHISTLE: _from(State.REGISTERED, State.RETURNED, to=(State.WHISTLED,)),
    Act.REDIRECT: _from(State.DISPATCHED, State.WHISTLED, to=(State.DISPATCHED, State.WHISTLED)),
    Act.ACCEPT: _from(State.DISPATCHED, to=(State.ACCEPTED,)),
    Act.REPORT_IN: _from(State.WHISTLED, to=(State.ACCEPTED,)),
    Act.RETURN: _from(State.DISPATCHED, State.WHISTLED, to=(State.RETURNED,)),
    Act.RULE: _from(State.RETURNED, to=(State.DISPATCHED,)),
    Act.TRANSFER: _from(State.ACCEPTED, State.IN_PROGRESS, to=(State.DISPATCHED,)),
    Act.START: _from(State.ACCEPTED, State.REWORK, to=(State.IN_PROGRESS,)),
    Act.SUSPEND: _from(State.IN_PROGRESS, to=(State.SUSPENDED,)),
    Act.RESUME: _from(State.SUSPENDED, to=(State.IN_PROGRESS,)),
    Act.RESOLVE: _from(State.IN_PROGRESS, to=(State.RESOLVED,)),
    Act.INSPECT: _from(State.RESOLVED, to=(State.INSPECTING,)),
    Act.PASS: _from(State.INSPECTING, to=(State.AWAITING_RATING, State.CLOSED)),
    Act.FAIL: _from(State.INSPECTING, to=(State.REWORK,)),
    Act.END_RATING: _from(State.AWAITING_RATING, to=(State.CLOSED, State.REOPENED)),
    Act.REOPEN: _from(State.CLOSED, to=(State.REOPENED,)),
    Act.WITHDRAW: _from(*UNRESOLVED, State.MERGED, to=(State.WITHDRAWN,)),
    Act.VOID: _from(*UNRESOLVED, to=(State.VOIDED,)),
}


class WrongState(Refused):
    """The step is not possible in the case's state. `allowed`: the states in which it is."""

    code = "case.wrong_state"
    en = "The case is {state}. You can {act} only while it is one of these: {allowed}."
    zh = "案件当前状态为“{state}”，不能执行“{act}”；可执行该操作的状态：{allowed}。"
    chinese = {"state": CASE_STATES, "act": ACTS, "allowed": CASE_STATES}
    english = {"state": texts_en.CASE_STATES, "act": texts_en.ACTS, "allowed": texts_en.CASE_STATES}


class MergedInto(WrongState):
    """The step is taken on a merged case. `into`: the case that goes on in its place."""

    code = "case.merged"
    en = "You cannot {act} here: the case was merged into {into:case}, which goes on in its place."
    zh = "本案已并入案件 {into:case}，由该案继续办理，不能在本案执行“{act}”。"


def require(act: str, state: State, allowed: tuple[State, ...] | frozenset[State]) -> None:
    if state not in allowed:
        raise WrongState(act=str(act), state=str(state), allowed=sorted(map(str, allowed)))
