"""API types of mediation."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from chassis.types import Form, Id, Moment, Path, Prose, Record, SomeText, Title, Word
from vocabulary.fields import CategoryCodeIfAny

Person = Annotated[SomeText, msgspec.Meta(max_length=64)]


class Participant(Form, frozen=True, kw_only=True):
    """`person`: their user id; `body`: the body they represent (community, owners, property, …)."""

    person: Id
    capacity: Literal["party", "mediator", "invited"]
    body: Word = ""
    name: Word = ""


class Opening(Form, frozen=True, kw_only=True):
    """A new mediation. `standing`: bodies that must attend every session."""

    area: Path
    category: CategoryCodeIfAny
    topic: Prose
    participants: Annotated[list[Participant], msgspec.Meta(min_length=3, max_length=40)]
    standing: Annotated[tuple[Title, ...], msgspec.Meta(max_length=8)] = ()
    case: Word = ""


class MediationSession(Form, frozen=True, kw_only=True):
    """`present`: the user ids of those who attended."""

    present: Annotated[list[Person], msgspec.Meta(max_length=40)]
    minutes: Prose


class Agreement(Form, frozen=True, kw_only=True):
    agreement: Prose
    fulfil_by: Moment


class ListedMediation(Record, frozen=True, kw_only=True):
    """`failure`: why it failed; `remedy`: where the parties can turn next."""

    case: str
    area: str
    category: CategoryCodeIfAny
    state: str
    opened_at: Moment
    fulfil_by: Moment | None = None
    failure: str
    remedy: str


class MediationParticipant(msgspec.Struct, frozen=True, kw_only=True):
    """`capacity`: party, mediator or invited; `body`: the body they represent."""

    person: str
    capacity: str
    body: str
    name: str
    signed_at: Moment | None = None
    fulfilled_at: Moment | None = None


class HeldSession(msgspec.Struct, frozen=True, kw_only=True):
    """`present`: the user ids of those who attended."""

    at: Moment
    present: list[str]
    minutes: str


class ShownMediation(ListedMediation, frozen=True, kw_only=True):
    """A mediation with its texts. `standing`: bodies that must attend every session; `convener`: a user id."""

    standing: list[str]
    convener: str
    participants: list[MediationParticipant]
    sessions: list[HeldSession]
    topic: str
    agreement: str
