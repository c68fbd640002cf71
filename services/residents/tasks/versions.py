"""Versions of what is known about a subject, as phones and the ODK Entities specification count them: from 1.

Each answer makes the next one. An answer that was made of an earlier version contradicts only what has become another
value since.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from services.residents.values.model import SubjectValues


def version_of(values: SubjectValues, merged: Sequence[SubjectValues]) -> int:
    """`merged`: of records that were merged into the subject's, whose answers count as its own."""
    return 1 + sum(each.revision for each in (values, *merged))


def changed_since(
    base: int, fields: Collection[str], values: SubjectValues, merged: Sequence[SubjectValues]
) -> set[str]:
    """Returns those of the fields that may have become another value since version `base`.

    All of them, if that cannot be told: of a record that others were merged into, or separated from, since.
    """
    now = version_of(values, merged)
    if base == now:
        return set()
    if merged or base > now:
        return set(fields)
    return {held.field for held in values.held if held.field in fields and held.revision >= base}
