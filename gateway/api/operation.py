"""Route entry: maps one HTTP path to one command or query of a service."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, get_args

import msgspec

from chassis.types import Form
from gateway.api.numbers import PathNumber
from vocabulary.rights import who
from vocabulary.roles import Permission

_PARAMETER = re.compile(r"{(\w+)(?::(\w+))?}")


@dataclass(frozen=True, kw_only=True, eq=False)
class Operation:
    """`verb path` → `service.method`. Path parameters become arguments of the same name; `named` gives the types of
    those that are not ids.

    `tag`: its group in the API's description. `form` is read from the body, or from the query string of a GET; its
    fields become arguments, and the service validates them again. `paged`: a list, whose `after` becomes a signed
    cursor. `permissions`: one of them is needed, by the table of rights; `condition`: what else is, in words.
    `batched`: cheap enough to share a batch. `creates`: returns 201 and requires an Idempotency-Key. `key`: the field
    of its answer by which a new resource is addressed. `patches`: the type of the resource that the body, a JSON Merge
    Patch, changes; it becomes the argument `patch`. `public`: works without a sign-in, in which case the fields of
    `unsigned` override the form. `bulk`: an import, with a larger body, which needs a place of its own.
    """

    verb: str
    path: str
    method: str
    summary: str
    service: str
    tag: str
    permissions: tuple[Permission, ...] = ()
    condition: str = ""
    named: Mapping[str, Any] = field(default_factory=dict)
    form: type[Form] | None = None
    patches: type[msgspec.Struct] | None = None
    answer: Any = None
    creates: bool = False
    key: str = "id"
    batched: bool = True
    public: bool = False
    unsigned: Mapping[str, Any] = field(default_factory=dict)
    paged: bool = False
    bulk: bool = False
    timeout: float = 10.0

    @property
    def fresh(self) -> bool:
        """Whether it needs the caller's rights of this moment, not remembered ones.

        So does every change in org, which decides who may do what: a disabled administrator must not undo it.
        """
        return self.service == "org" and self.verb != "GET"

    @property
    def needs(self) -> str:
        """Who may call it, in words."""
        return "; ".join(filter(None, (who(*self.permissions), self.condition)))

    @property
    def parameters(self) -> dict[str, Any]:
        """The path parameters and their types; None stands for an id."""
        return {
            name: self.named.get(name, PathNumber if kind else None) for name, kind in _PARAMETER.findall(self.path)
        }

    def is_read_at(self, path: str) -> bool:
        return self.verb == "GET" and bool(re.fullmatch(_PARAMETER.sub("[^/]+", self.path), path))

    @property
    def row(self) -> type[msgspec.Struct]:
        """The row type of a list, whose answer is `Listing[row]`."""
        row: type[msgspec.Struct] = get_args(self.answer)[0]
        return row
