"""Events of forms."""

from __future__ import annotations

from typing import ClassVar

from chassis.envelope import Event


class FormPublished(Event, frozen=True, kw_only=True):
    """`replaces`: the form whose new edition it is."""

    type: ClassVar[str] = "residents.form.published.v1"
    id: str
    about: str
    edition: int
    fields: list[str]
    replaces: str = ""


class FormRetired(Event, frozen=True, kw_only=True):
    """Its open tasks are withdrawn."""

    type: ClassVar[str] = "residents.form.retired.v1"
    id: str
