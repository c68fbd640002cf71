"""Data mapper between documents and rows, with a mapping that is computed once for each class.

mongoengine inspects every field at every load, and wraps every value to track changes; for a document of 76 fields this
was most of the cost of a command. Classes, fields and defaults are still mongoengine's. To find changes, the row to
write is compared with the row that was read (`chassis.persistence.write_plan`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from types import MappingProxyType
from typing import Any, ClassVar, NamedTuple, Self

from mongoengine import (
    BooleanField,
    DateTimeField,
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
#: Fields whose values are the same in the row and in the document.
_IDENTICAL = (StringField, IntField, FloatField, BooleanField)


def _blank(default: Any) -> Any:
    return default() if callable(default) else default


class _FieldMapping(NamedTuple):
    """How one field is loaded, dumped and checked. `exact`: the type whose values need no check."""

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
    """The result of `to_mongo`, in place of bson's ordered dictionary, which is slow and no longer needed."""

    def to_dict(self) -> dict[str, Any]:
        return dict(self)


class _Value:
    """Descriptor of a field: the plain value on an instance, without tracking; mongoengine's field on the class."""

    def __init__(self, name: str, field: BaseField) -> None:
        self._name = name
        self._field = field

    def __get__(self, instance: Any, owner: Any) -> Any:
        return self._field if instance is None else instance._data[self._name]

    def __set__(self, instance: Any, value: Any) -> None:
        instance._data[self._name] = _blank(self._field.default) if value is None else value


class Mapped:
    """Mixin that maps a document by a precomputed mapping; put it before `Document` or `EmbeddedDocument`."""

    __setattr__ = object.__setattr__
    # mongoengine's own `validate` reads this.
    _dynamic_fields: ClassVar[dict[str, Any]] = {}
    #: Fields in the row of an embedded document that this version does not know.
    _unknown: Mapping[str, Any] = MappingProxyType({})

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        for name, field in list(vars(cls).items()):
            if isinstance(field, BaseField):
                setattr(cls, name, _Value(name, field))

    def __init__(self, **values: Any) -> None:
        data: dict[str, Any] = {}
        for field in _mapping_of(type(self)).fields:
            value = values.pop(field.name, None)
            data[field.name] = field.blank() if value is None else value
        if values:
            raise FieldDoesNotExist(f"{type(self).__name__} has no {', '.join(sorted(values))}")
        self._data = data

    @classmethod
    def _from_son(cls, son: Mapping[str, Any], _auto_dereference: bool = True, created: bool = False) -> Self:
        document = cls.__new__(cls)
        data: dict[str, Any] = {}
        for field in _mapping_of(cls).fields:
            data[field.name] = field.loaded(son.get(field.column))
        document._data = data
        if issubclass(cls, EmbeddedDocument) and (unknown := son.keys() - _mapping_of(cls).columns):
            # An embedded document is written as a whole; the fields of a later version must not get lost.
            document._unknown = {column: son[column] for column in unknown}
        return document

    def to_mongo(self, *_: Any, **__: Any) -> Row:
        row = Row()
        data = self._data
        for field in _mapping_of(type(self)).fields:
            value = field.dumped(data[field.name])
            if value is not None:
                row[field.column] = value
        row.update(self._unknown)
        return row

    def changed_from(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Returns the columns that differ from `row`, with None for a removed value.

        A field that the row of an older version lacks, even in an embedded document, is no change while it has its
        default.
        """
        changed: dict[str, Any] = {}
        for field in _mapping_of(type(self)).fields:
            value, old = self._data[field.name], row.get(field.column)
            new = field.dumped(value)
            if new != old and new != field.dumped(field.loaded(old)):
                changed[field.column] = new
        return changed

    def fault(self) -> str:
        """Returns why the document must not be stored (a missing required field, a wrong type), or ""."""
        return _fault(_mapping_of(type(self)).fields, self._data)

    def type_fault(self) -> str:
        """Returns which value has a wrong type, or "": somebody else wrote the row. A missing value is none."""
        data = self._data
        for field in _mapping_of(type(self)).fields:
            value = data[field.name]
            # Most values are of the exact type, or missing, or an empty list.
            if type(value) is field.exact or value is None or (not value and type(value) is list):
                continue
            if wrong := field.check(value):
                return f"{field.name}{wrong}"
        return ""

    def require_valid(self, columns: Collection[str] | None = None) -> None:
        """Raises `InvalidDocument` if a field, or one of `columns`, must not be stored."""
        fields = _mapping_of(type(self)).fields
        written = fields if columns is None else [field for field in fields if field.column in columns]
        if fault := _fault(written, self._data):
            raise InvalidDocument(type(self), fault)


def _fault(fields: Iterable[_FieldMapping], values: Mapping[str, Any]) -> str:
    for field in fields:
        value = values[field.name]
        if type(value) is not field.exact and (fault := field.fault(value)):
            return fault
    return ""


def require_storable(model: type[Any], row: Mapping[str, Any]) -> None:
    """Raises `InvalidDocument` if a value of `row`, which is written without a document, must not be stored."""
    fields = [field for field in _mapping_of(model).fields if field.column in row]
    if fault := _fault(fields, {field.name: row[field.column] for field in fields}):
        raise InvalidDocument(model, fault)


def row_fault(model: type[Any], row: Mapping[str, Any]) -> str:
    """Returns which plain value of a row has a wrong type, or "". Embedded documents are not looked at."""
    for column, value in row.items():
        field = _mapping_of(model).plain.get(column)
        if field and type(value) is not field.exact and value is not None and (wrong := field.check(value)):
            return f"{column}{wrong}"
    return ""


class _Mapping(NamedTuple):
    fields: tuple[_FieldMapping, ...]
    columns: frozenset[str]
    plain: dict[str, _FieldMapping]


_mappings: dict[type[Any], _Mapping] = {}


def _mapping_of(cls: type[Any]) -> _Mapping:
    if cls not in _mappings:
        fields = tuple(_field_mapping(name, field) for name, field in cls._fields.items())
        plain = {field.column: field for field in fields if _is_plain_value(cls._fields[field.name])}
        _mappings[cls] = _Mapping(fields, frozenset(field.column for field in fields), plain)
    return _mappings[cls]


def _field_mapping(name: str, field: Any) -> _FieldMapping:
    return _FieldMapping(
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
    if type(field) in _IDENTICAL:
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
    if type(field) in _IDENTICAL:
        return None
    if type(field) is EmbeddedDocumentField:
        return _row_of
    if type(field) is EmbeddedDocumentListField:
        return lambda values: [_row_of(value) for value in values] if isinstance(values, list) else values
    if _is_plain(field):
        return _copied
    convert: Convert = field.to_mongo
    return convert


def _row_of(value: Any) -> Any:
    """Returns the row of an embedded document; anything else unchanged, so that `require_valid` finds it."""
    return value.to_mongo() if isinstance(value, Mapped) else value


def _is_plain_value(field: Any) -> bool:
    return type(field) in (*_IDENTICAL, DateTimeField) or _is_plain(field)


def _is_plain(field: Any) -> bool:
    """Returns whether the field is a list or dictionary of plain values."""
    if type(field) is ListField:
        return type(field.field) in _IDENTICAL or _is_plain(field.field)
    return type(field) is DictField and field.field is None


def _copied(value: Any) -> Any:
    """Deep copy, so that a change of the document does not change the row it was loaded from."""
    if isinstance(value, dict):
        return {key: _copied(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_copied(each) for each in value]
    return value
