"""Sums of the values of a field that still hold, of subjects that are there: what ledgers and reports are made of."""

from __future__ import annotations

from collections import Counter
from typing import Any

from chassis.errors import Refused
from chassis.persistence.tenant_data import TenantData
from services.residents.below import Row
from services.residents.dictionary.model import CODED, NUMBERS, Field
from services.residents.dictionary.values import of_text
from services.residents.placed import inside
from services.residents.values.model import NO_VALUE, SubjectValues


class SealedField(Refused):
    """`field`: its name."""

    code = "ledger.sealed_field"
    en = "The values of {field:verbatim} are sealed, so there is no ledger of them. Choose another field."
    zh = "数据项{field:verbatim}为敏感数据，不提供台账，请选择其他数据项。"


def require_open(field: Field) -> None:
    """Raises `SealedField`."""
    if field.is_sensitive:
        raise SealedField(field=field.zh)


def sums_of(data: TenantData, field: Field, area: str, by: Any) -> dict[str, Row]:
    """Returns the sums of what lies in the area, by the text that the expression `by` makes of each row.

    `subjects`: how many have a value; `counts`: of a choice, how many by code; `sum`, `least`, `most`: of a number.
    """
    held = {"$first": {"$filter": {"input": "$held", "cond": {"$eq": ["$$this.field", field.key]}}}}
    holding = {"$or": [{"held.holds_until": None}, {"held.holds_until": {"$gt": data.context.now}}]}
    # Texts, dates and numbers are not told apart.
    alike = {"by": by, "text": "$held.text" if field.kind in CODED else ""}
    stages: list[Row] = [
        {"$project": {"area": 1, "held": held}},
        {"$match": {"held.text": {"$ne": NO_VALUE}, **holding}},
        {"$group": {"_id": alike, "subjects": {"$sum": 1}, **_of_numbers(field)}},
    ]
    rows = data.aggregate(SubjectValues, {"held.field": field.key, "there": True} | inside(area), stages)
    return _joined(rows)


def _of_numbers(field: Field) -> Row:
    if field.kind not in NUMBERS:
        return {}
    number = {"$toDouble": "$held.text"}
    return {"sum": {"$sum": number}, "least": {"$min": number}, "most": {"$max": number}}


def _joined(rows: list[Row]) -> dict[str, Row]:
    """Joins the rows of the different choices."""
    items: dict[str, Row] = {}
    for row in rows:
        item = items.setdefault(row["_id"].get("by", ""), {"subjects": 0, "counts": Counter[str]()})
        item["subjects"] += row["subjects"]
        item["counts"].update(dict.fromkeys(_codes(row["_id"]["text"]), row["subjects"]))
        item |= {name: row[name] for name in ("sum", "least", "most") if name in row}
    return items


def _codes(text: str) -> list[str]:
    """Returns the codes of one choice or of several."""
    value: Any = of_text(text) if text else []
    return [value] if isinstance(value, str) else value
