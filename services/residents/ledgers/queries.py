"""Query of a ledger (台账): a live view of what is known about one field, by what lies directly below an area."""

from __future__ import annotations

from collections import Counter
from typing import Any

from chassis.context import Call
from chassis.entrypoints.rpc_server import query
from chassis.errors import Refused
from chassis.types import Answer, Id
from chassis.usecases.records import get
from services.residents.api import ledgers as api
from services.residents.below import Row, code_below, path_below
from services.residents.dictionary.model import CODED, NUMBERS, Field
from services.residents.dictionary.values import of_text
from services.residents.placed import inside
from services.residents.records import ResidentsUseCases
from services.residents.values.model import NO_VALUE, SubjectValues
from vocabulary.access import require_in_area
from vocabulary.roles import Permission


class SealedField(Refused):
    """`field`: its name."""

    code = "ledger.sealed_field"
    en = "The values of {field:verbatim} are sealed, so there is no ledger of them. Choose another field."
    zh = "数据项{field:verbatim}为敏感数据，不提供台账，请选择其他数据项。"


class LedgerQueries(ResidentsUseCases):
    @query
    def show_ledger(self, call: Call, field: Id, form: api.LedgerOf) -> Answer:
        """How many subjects have which value now: of those that are there, and of values that still hold."""
        require_in_area(call.principal, Permission.FIND_RESIDENTS, form.area)
        data = self.data.of(call)
        found = get(data, Field, field)
        if found.is_sensitive:
            raise SealedField(field=found.zh)
        held = {"$first": {"$filter": {"input": "$held", "cond": {"$eq": ["$$this.field", field]}}}}
        stages = [
            {"$project": {"area": 1, "held": held}},
            {"$match": {"held.text": {"$ne": NO_VALUE}, **_holding(call)}},
            {"$group": {"_id": _alike(found, form.area), "subjects": {"$sum": 1}, **_sums(found)}},
        ]
        where = {"held.field": field, "there": True} | inside(form.area)
        rows = data.aggregate(SubjectValues, where, stages)
        return {"field": field, "kind": found.kind, "measure": found.measure, "items": _items(form.area, rows)}


def _holding(call: Call) -> Row:
    return {"$or": [{"held.holds_until": None}, {"held.holds_until": {"$gt": call.now}}]}


def _alike(field: Field, area: str) -> Row:
    """Returns by what rows are summed: texts, dates and numbers are not told apart."""
    return {"below": code_below(area), "text": "$held.text" if field.kind in CODED else ""}


def _sums(field: Field) -> Row:
    if field.kind not in NUMBERS:
        return {}
    number = {"$toDouble": "$held.text"}
    return {"sum": {"$sum": number}, "least": {"$min": number}, "most": {"$max": number}}


def _items(area: str, rows: list[Row]) -> list[Answer]:
    items: dict[str, Answer] = {}
    for row in rows:
        path = path_below(area, row["_id"]["below"])
        item = items.setdefault(path, {"area": path, "subjects": 0, "counts": Counter[str]()})
        item["subjects"] += row["subjects"]
        item["counts"].update(dict.fromkeys(_codes(row["_id"]["text"]), row["subjects"]))
        item |= {name: row[name] for name in ("sum", "least", "most") if name in row}
    return [items[path] | {"counts": dict(sorted(items[path]["counts"].items()))} for path in sorted(items)]


def _codes(text: str) -> list[str]:
    """Returns the codes of one choice or of several."""
    value: Any = of_text(text) if text else []
    return [value] if isinstance(value, str) else value
