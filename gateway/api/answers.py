"""What operations answer, as OpenAPI shows it. The services make the answers; nothing is converted here."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from gateway.api.types import UnitIfAny

R = TypeVar("R")


class Open(BaseModel):
    """More fields may come: a client ignores what it does not know."""

    model_config = ConfigDict(extra="allow")


class Record(Open):
    """A record as it stands now, with its own fields beside these."""

    id: str | None = None
    version: Annotated[int | None, Field(description="Also the ETag; for If-Match.")] = None


class Listed(BaseModel, Generic[R]):
    """A page of a list. `cursor` leads to the next; null at the end."""

    items: list[R]
    cursor: str | None


class Found(Open):
    """All rows at once."""

    items: list[dict[str, Any]]


class ListedCase(Open):
    """How a case stands. `mark`: "", `yellow` (80 % of the limit used) or `red` (all of it)."""

    id: str
    state: str
    kind: str
    category: Annotated[str, Field(description="Its code; `GET /v1/tenant` lists them.")]
    priority: str
    area: Annotated[str, Field(description="The path of the area that it lies in.")]
    tier: str
    lead: Annotated[str, Field(description="The unit that leads; empty before one does.")]
    units: Annotated[list[str], Field(description="Every unit that works on it.")]
    handler: Annotated[str, Field(description="Staff alone are told.")] = ""
    emergency: bool
    mark: str
    reported_at: datetime
    registered_at: datetime | None = None
    due: datetime | None = None
    outcome: str
    round: int
    reworks: int
    merged_into: str
    closed_at: datetime | None = None


class CaseState(ListedCase):
    """How a case stands, and the version of it that this is."""

    version: int


class CaseStep(CaseState):
    """The case after the step. `said`: what the step itself answers, such as a sub-task's number."""

    said: Any = None


class CaseDetail(CaseState):
    """As much of the case as the caller's role sees. `masked`: persons and the exact place are hidden."""

    masked: bool
    parties: list[dict[str, Any]]
    place: dict[str, Any] | None


class HistoryStep(Open):
    """What was done, and by which unit. `to`: the state that it led to, where it changed that."""

    at: datetime
    act: str
    to: str = ""
    unit: UnitIfAny = ""
    reason: str = ""


class CaseHistory(Open):
    """Every step, the oldest first."""

    id: str
    items: list[HistoryStep]


class Reported(BaseModel):
    """`code`: with the id it follows the report without a sign-in. `urged`: only where the same person's same matter
    was open already; `id` is then that of the open case, and false says that it had been urged within the last day.
    Staff who may not see that case get neither its id nor a code.
    """

    id: str = ""
    code: str = ""
    state: str = ""
    version: int | None = None
    urged: bool | None = None


class FollowedCase(Open):
    """How a report stands, who has it and what came of it: no words and no people."""

    id: str
    state: str
    lead: Annotated[str, Field(description="The unit that leads; empty before one does.")]
    due: datetime | None
    outcome: str
    steps: list[dict[str, Any]]
    may: dict[str, bool]
