"""Between a document and its row, by a plan made once for each class.

mongoengine asks every field the same questions at every load, and wraps and watches every value to know what
changed: for a case of 76 fields that was most of what a step cost. Classes, fields and defaults stay mongoengine's;
what changed is found by comparing the row that would be written with the one that was read
(`chassis.persistence.write_plan`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from types import MappingProxyType
from typing import Any, ClassVar, NamedTuple, Self

from mongoengine import (
    BooleanField,
    DictField,
    EmbeddedDocumentField,
    EmbeddedDocumentListField,
    FloatField,
    IntField,
    ListField,
    StringField,
)
from mongoengine.base import BaseField
from mongoengine.errors import FieldDoesNotExist

from chassis.persistence.field_checks import Check, InvalidDocument, check_of, exact_type
from chassis.persistence.typed import EmbeddedDocument

Convert = Callable[[Any], Any]
#: Fields whose values are in the row what they are in the document.
_SAME = (StringField, IntField, FloatField, BooleanField)


def _blank(default: Any) -> Any:
    return default() if callable(default) else default


class _Step(NamedTuple):
    name: str
    column: str
    default: Any
    load: Convert | None
    dump: Convert | None
    required: bool
    exact: type[Any] | None
    check: Check

    def blank(self) -> Any:
        return _blank(self.default)

    def loaded(self, value: Any) -> Any:
        if value is None:
            return self.blank()
        return value if self.load is None else self.load(value)

    def dumped(self, value: Any) -> Any:
        return value if value is None or self.dump is None else self.dump(value)

    def fault(self, value: Any) -> str:
        if value is None:
            return f"{self.name} is missing" if self.required else ""
        wrong = self.check(value)
        return f"{self.name}{wrong}" if wrong else ""


class Row(dict[str, Any]):
    """What `to_mongo` gives: in place of bson's own ordered dictionary, which is slow and no longer needed."""

    def to_dict(self) -> dict[str, Any]:
        return dict(self)


class _Value:
    """A field of an instance: the plain value, neither wrapped nor watched. On the class it is mongoengine's field."""

    def __init__(self, name: str, field: BaseField) -> None:
        self._name = name
        self._field = field

    def __get__(self, instance: Any, owner: Any) -> Any:
        return self._field if instance is None else instance._data[self._name]

    def __set__(self, instance: Any, value: Any) -> None:
        instance._data[self._name] = _blank(self._field.default) if value is None else value


class Mapped:
    """Stands before `Document` or `EmbeddedDocument` among the bases."""

    __setattr__ = object.__setattr__
    # For mongoengine's own `validate`: there are none.
    _dynamic_fields: ClassVar[dict[str, Any]] = {}
    #: What the row of a part has that this version does not know.
    _unknown: Mapping[str, Any] = MappingProxyType({})

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        for name, field in list(vars(cls).items()):
            if isinstance(field, BaseField):
                setattr(cls, name, _Value(name, field))

    def __init__(self, **values: Any) -> None:
        data: dict[str, Any] = {}
        for step in _plan(type(self)).steps:
            value = values.pop(step.name, None)
            data[step.name] = step.blank() if value is None else value
        if values:
            raise FieldDoesNotExist(f"{type(self).__name__} has no {', '.join(sorted(values))}")
        self._data = data

    @classmethod
    def _from_son(cls, son: Mapping[str, Any], _auto_dereference: bool = True, created: bool = False) -> Self:
        document = cls.__new__(cls)
        data: dict[str, Any] = {}
        for step in _plan(cls).steps:
            data[step.name] = step.loaded(son.get(step.column))
        document._data = data
        if issubclass(cls, EmbeddedDocument) and (unknown := son.keys() - _plan(cls).columns):
            # A part is written as a whole: what a later version keeps in it must not get lost.
            document._unknown = {column: son[column] for column in unknown}
        return document

    def to_mongo(self, *_: Any, **__: Any) -> Row:
        row = Row()
        data = self._data
        for step in _plan(type(self)).steps:
            value = step.dumped(data[step.name])
            if value is not None:
                row[step.column] = value
        row.update(self._unknown)
        return row

    def changed_from(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """What its row is to have otherwise than `row`, None for what it is to have no more.

        What the row of an older version does not have, in it or in its parts, is no change while it has its default.
        """
        changed: dict[str, Any] = {}
        for step in _plan(type(self)).steps:
            value, old = self._data[step.name], row.get(step.column)
            new = step.dumped(value)
            if new != old and new != step.dumped(step.loaded(old)):
                changed[step.column] = new
        return changed

    def fault(self) -> str:
        """What must not be stored of it: a required field that is missing, a value of another type; "" if nothing."""
        return _fault(_plan(type(self)).steps, self._data)

    def require_valid(self, columns: Collection[str] | None = None) -> None:
        """Its fields, or those that lie in `columns`, may be stored. Raises `InvalidDocument`."""
        steps = _plan(type(self)).steps
        written = steps if columns is None else [step for step in steps if step.column in columns]
        if fault := _fault(written, self._data):
            raise InvalidDocument(type(self), fault)


def _fault(steps: Iterable[_Step], values: Mapping[str, Any]) -> str:
    for step in steps:
        value = values[step.name]
        if type(value) is not step.exact and (fault := step.fault(value)):
            return fault
    return ""


def require_storable(model: type[Any], row: Mapping[str, Any]) -> None:
    """Fields that are set without a document may be stored. Raises `InvalidDocument`."""
    steps = [step for step in _plan(model).steps if step.column in row]
    if fault := _fault(steps, {step.name: row[step.column] for step in steps}):
        raise InvalidDocument(model, fault)


class _Plan(NamedTuple):
    steps: tuple[_Step, ...]
    columns: frozenset[str]


_plans: dict[type[Any], _Plan] = {}


def _plan(cls: type[Any]) -> _Plan:
    if cls not in _plans:
        steps = tuple(_step(name, field) for name, field in cls._fields.items())
        _plans[cls] = _Plan(steps, frozenset(step.column for step in steps))
    return _plans[cls]


def _step(name: str, field: Any) -> _Step:
    return _Step(
        name=name,
        column=field.db_field,
        default=field.default,
        load=_loader(field),
        dump=_dumper(field),
        required=field.required,
        exact=exact_type(field),
        check=check_of(field),
    )


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
        return _row_of
    if type(field) is EmbeddedDocumentListField:
        return lambda parts: [_row_of(part) for part in parts] if isinstance(parts, list) else parts
    if _is_plain(field):
        return _copied
    convert: Convert = field.to_mongo
    return convert


def _row_of(part: Any) -> Any:
    """What is no part stays as it is, for `require_valid` to find."""
    return part.to_mongo() if isinstance(part, Mapped) else part


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
