"""Between a document and its row, by a plan made once for each class.

mongoengine asks every field the same questions at every load: for a case of 76 fields that was most of
what a step cost. Classes, fields, defaults and change tracking stay mongoengine's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Self

from bson import SON
from mongoengine import (
    BooleanField,
    DictField,
    EmbeddedDocument,
    EmbeddedDocumentField,
    EmbeddedDocumentListField,
    FloatField,
    IntField,
    ListField,
    StringField,
)

Convert = Callable[[Any], Any]
#: Fields whose values are in the row what they are in the document.
_SAME = (StringField, IntField, FloatField, BooleanField)


class _Step(NamedTuple):
    name: str
    column: str
    default: Any
    load: Convert | None
    dump: Convert | None


class Mapped:
    """Stands before `Document` or `EmbeddedDocument` among the bases."""

    @classmethod
    def _from_son(cls, son: Mapping[str, Any], _auto_dereference: bool = True, created: bool = False) -> Self:
        document = cls.__new__(cls)
        data: dict[str, Any] = {}
        for name, column, default, load, _ in _plan(cls):
            value = son.get(column)
            if value is None:
                value = default() if callable(default) else default
            elif load is not None:
                value = load(value)
            data[name] = value
        set_ = object.__setattr__
        set_(document, "_data", data)
        set_(document, "_dynamic_fields", SON())
        set_(document, "_changed_fields", [])
        set_(document, "_created", created)
        set_(document, "_initialised", True)
        if isinstance(document, EmbeddedDocument):
            set_(document, "_instance", None)
        return document

    def to_mongo(self, *_: Any, **__: Any) -> SON[str, Any]:
        row: SON[str, Any] = SON()
        data = self._data  # type: ignore[attr-defined]
        for name, column, _default, _load, dump in _plan(type(self)):
            value = data.get(name)
            if value is not None:
                row[column] = dump(value) if dump is not None else value
        return row


_plans: dict[type[Any], tuple[_Step, ...]] = {}


def _plan(cls: type[Any]) -> tuple[_Step, ...]:
    if cls not in _plans:
        _plans[cls] = tuple(
            _Step(name, field.db_field, field.default, _loader(field), _dumper(field))
            for name, field in cls._fields.items()
        )
    return _plans[cls]


def _loader(field: Any) -> Convert | None:
    if type(field) in _SAME:
        return None
    if type(field) is EmbeddedDocumentField:
        return lambda row: field.document_type._from_son(row)
    if type(field) is EmbeddedDocumentListField:
        return lambda rows: [field.field.document_type._from_son(row) for row in rows]
    if _is_plain(field):
        return _copied
    convert: Convert = field.to_python
    return convert


def _dumper(field: Any) -> Convert | None:
    if type(field) in _SAME:
        return None
    if type(field) is EmbeddedDocumentField:
        return lambda part: part.to_mongo()
    if type(field) is EmbeddedDocumentListField:
        return lambda parts: [part.to_mongo() for part in parts]
    if _is_plain(field):
        return _copied
    convert: Convert = field.to_mongo
    return convert


def _is_plain(field: Any) -> bool:
    """Lists and dictionaries of what a row holds as it is."""
    if type(field) is ListField:
        return type(field.field) in _SAME or _is_plain(field.field)
    return type(field) is DictField and field.field is None


def _copied(value: Any) -> Any:
    """So that a change of the document does not change the row that it came from."""
    if isinstance(value, dict):
        return {key: _copied(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_copied(each) for each in value]
    return value
