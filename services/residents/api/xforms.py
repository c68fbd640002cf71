"""API types of XLSForm, in which forms are exchanged with other tools."""

from __future__ import annotations

from typing import Annotated

import msgspec

from chassis.types import Form
from services.residents.api.dictionary import SubjectKind
from services.residents.api.forms import Minutes

#: Of an XLSForm; a form of 200 questions has 30 kB.
_MOST_BYTES = 500_000


class XlsForm(msgspec.Struct, frozen=True, kw_only=True):
    """A form as a file for other tools. `name`: of the file."""

    name: str
    file: Annotated[bytes, msgspec.Meta(description="XLSForm (.xlsx) as base64.")]


class NewXlsForm(Form, frozen=True, kw_only=True):
    """An XLSForm that becomes a draft if the dictionary has a field for each of its questions: one whose code is the
    question's name, or the only one about the same that is named like its label."""

    about: SubjectKind
    file: Annotated[bytes, msgspec.Meta(max_length=_MOST_BYTES, description="XLSForm (.xlsx) as base64.")]
    minutes: Minutes = 10
