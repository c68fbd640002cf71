"""Operation: one line that says which address reaches which command or query of which service."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, get_args

import msgspec

from chassis.types import Form

_PARAMETER = re.compile(r"{(\w+)(?::(\w+))?}")


@dataclass(frozen=True, kw_only=True, eq=False)
class Operation:
    """`verb path` → `service.method`. Path parameters become arguments of the same name; `named` has the types of
    those that are no ids.

    `form` is read from the body, or from the query of a GET; its fields become arguments, and the service reads it
    again. `paged`: a list, whose `after` is a sealed cursor here. `needs` says who may, in words. `together`: cheap
    enough to leave with others. `creates`: answers 201 and wants an Idempotency-Key. `public`: works without a
    sign-in, when the form always says `unsigned`.
    """

    verb: str
    path: str
    method: str
    summary: str
    needs: str
    service: str
    named: Mapping[str, Any] = field(default_factory=dict)
    form: type[Form] | None = None
    answer: Any = None
    creates: bool = False
    together: bool = True
    public: bool = False
    unsigned: Mapping[str, Any] = field(default_factory=dict)
    paged: bool = False
    timeout: float = 10.0

    @property
    def parameters(self) -> dict[str, Any]:
        """The parameters of the address and their types; None is an id."""
        return {name: self.named.get(name, int if kind else None) for name, kind in _PARAMETER.findall(self.path)}

    def is_read_at(self, path: str) -> bool:
        return self.verb == "GET" and bool(re.fullmatch(_PARAMETER.sub("[^/]+", self.path), path))

    @property
    def row(self) -> type[msgspec.Struct]:
        """The row of a list, which answers `Listing[row]`."""
        row: type[msgspec.Struct] = get_args(self.answer)[0]
        return row
