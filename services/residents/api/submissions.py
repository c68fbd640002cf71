"""API types of submissions from phones, and of the forms and lists that phones load (`gateway.openrosa`)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import msgspec

from chassis.types import Form, Page, Path, Record
from services.residents.api.dictionary import FieldCode, Value

#: Of a submission without its files.
MOST_BYTES = 150_000
SubmissionState = Annotated[
    Literal["RECEIVED", "HELD", "CONTESTED", "APPLIED", "DROPPED"],
    msgspec.Meta(description="HELD: it waits for one that was made before it; CONTESTED: a person decides."),
]


class NewSubmission(Form, frozen=True, kw_only=True):
    """What a phone sent, as it is: XML."""

    xml: Annotated[str, msgspec.Meta(min_length=1, max_length=MOST_BYTES)]


class PhoneForm(msgspec.Struct, frozen=True, kw_only=True):
    """A form that a phone may load. `id`: of the task; `digest`: of the XForm (MD5)."""

    id: str
    title: str
    version: str
    digest: str


class PhoneForms(msgspec.Struct, frozen=True, kw_only=True):
    items: list[PhoneForm]


class PhoneFile(msgspec.Struct, frozen=True, kw_only=True):
    """A form (XML) or its list of subjects (CSV), and the name that it has on the phone."""

    name: str
    text: str


class ListSubmissions(Page, frozen=True, kw_only=True):
    area: Path | None = None
    state: SubmissionState = "CONTESTED"


class ListedSubmission(Record, frozen=True, kw_only=True):
    """`contested`: the fields that have become another value since; `reason`: the code of what else is in the way."""

    task: str
    subject: str
    area: str
    state: str
    received_at: datetime
    by: str
    contested: list[str]
    reason: str


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """What a phone sent beside what is held. `sealed`: a sensitive value, shown only when opened for a purpose.

    `given_at`, `given_by`: of what is held.
    """

    field: str
    zh: str
    en: str
    contested: bool
    sealed: bool
    submitted: Value = None
    held: Value = None
    given_at: datetime | None = None
    given_by: str = ""


class ShownSubmission(ListedSubmission, frozen=True, kw_only=True):
    """`held_version`: of what is held now, for the decision."""

    held_version: int
    fields: list[Compared]


class Decision(Form, frozen=True, kw_only=True):
    """`keep`: the fields that stay as they are held; all others become what was sent. All kept: it is dropped.

    `held_version`: of what was compared; if it has changed since, look again.
    """

    keep: Annotated[tuple[FieldCode, ...], msgspec.Meta(max_length=200)] = ()
    held_version: Annotated[int, msgspec.Meta(ge=1, lt=2**31)]
