"""Between a document and its row, by a plan made once for each class.

mongoengine asks every field the same questions at every load: for a case of 76 fields that was most of
what a step cost. Classes, fields, defaults and change tracking stay mongoengine's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Self

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
from mongoengine.base import EmbeddedDocumentList
from mongoengine.errors import FieldDoesNotExist

Convert = Callable[[Any], Any]
#: Fields whose values are in the row what they are in the document.
_SAME = (StringField, IntField, FloatField, BooleanField)


class _Step(NamedTuple):
    name: str
    column: str
    default: Any
    load: Convert | None
    dump: Convert | None

    def blank(self) -> Any:
        return self.default() if callable(self.default) else self.default


class Row(dict[str, Any]):
    """What `to_mongo` gives: in place of bson's own ordered dictionary, which is slow and no longer needed."""

    def to_dict(self) -> dict[str, Any]:
        return dict(self)


class PartsField(EmbeddedDocumentListField):
    """A list of embedded documents that is read often: they hold no references that would have to be looked for."""

    def __get__(self, instance: Any, owner: Any) -> Any:
        if instance is None:
            return self
        value = instance._data.get(self.name)
        if type(value) is list:
            value = instance._data[self.name] = EmbeddedDocumentList(value, instance, self.name)
        return value


class Mapped:
    """Stands before `Document` or `EmbeddedDocument` among the bases."""

    def __init__(self, **values: Any) -> None:
        data: dict[str, Any] = {}
        for step in _plan(type(self)):
            value = values.pop(step.name, None)
            data[step.name] = step.blank() if value is None else value
        if values:
            raise FieldDoesNotExist(f"{type(self).__name__} has no {', '.join(sorted(values))}")
        _initialise(self, data, created=True)

    @classmethod
    def _from_son(cls, son: Mapping[str, Any], _auto_dereference: bool = True, created: bool = False) -> Self:
        document = cls.__new__(cls)
        data: dict[str, Any] = {}
        for step in _plan(cls):
            value = son.get(step.column)
            if value is None:
                data[step.name] = step.blank()
            else:
                data[step.name] = value if step.load is None else step.load(value)
        _initialise(document, data, created)
        return document

    def to_mongo(self, *_: Any, **__: Any) -> Row:
        row = Row()
        data = self._data  # type: ignore[attr-defined]
        for step in _plan(type(self)):
            value = data.get(step.name)
            if value is not None:
                row[step.column] = value if step.dump is None else step.dump(value)
        return row


def _initialise(document: Any, data: dict[str, Any], created: bool) -> None:
    """What mongoengine's own constructor leaves behind."""
    set_ = object.__setattr__
    set_(document, "_data", data)
    set_(document, "_dynamic_fields", {})
    set_(document, "_changed_fields", [])
    set_(document, "_created", created)
    set_(document, "_initialised", True)
    if isinstance(document, EmbeddedDocument):
        set_(document, "_instance", None)


_PARTS = (EmbeddedDocumentListField, PartsField)
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
    if type(field) in _PARTS:
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
    if type(field) in _PARTS:
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
