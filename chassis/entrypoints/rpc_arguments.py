"""Argument binding: validates the arguments of a call against the signature of its command or query."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, get_type_hints

import msgspec

from chassis.types import Form
from chassis.validation import convert


@dataclass(frozen=True)
class Arguments:
    """The parameters of a method after the call, as one struct. `form`: the parameter whose fields are arguments."""

    schema: type[msgspec.Struct]
    names: tuple[str, ...]
    form: str = ""

    @classmethod
    def of(cls, method: Callable[..., Any]) -> Arguments:
        """Builds the schema from the method's signature."""
        hints = get_type_hints(method, include_extras=True)
        parameters = list(inspect.signature(method).parameters.items())[2:]
        form = next((name for name, _ in parameters if _is_form(hints[name])), "")
        others = [(name, parameter) for name, parameter in parameters if name != form]
        required = inspect.Parameter.empty
        fields: list[Any] = [
            (name, hints[name]) if parameter.default is required else (name, hints[name], parameter.default)
            for name, parameter in others
        ]
        schema = msgspec.defstruct(
            method.__name__,
            fields,
            bases=(hints[form],) if form else None,
            frozen=True,
            kw_only=True,
            forbid_unknown_fields=True,
        )
        return cls(schema, tuple(name for name, _ in others), form)

    def read(self, values: dict[str, Any]) -> dict[str, Any]:
        """Returns the keyword arguments, strictly validated. Raises `Invalid` with every invalid field."""
        struct = convert(values, self.schema)
        arguments = {name: getattr(struct, name) for name in self.names}
        return arguments | {self.form: struct} if self.form else arguments


def _is_form(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Form)
