"""Table of operations: a line says the address, the method of the service, who may, and the form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from chassis.types import Answer, Form, Page, Record
from gateway.api.operation import Operation
from gateway.api.schema import Listing

ANYBODY = "anybody signed in"
ADMIN = "tenant admin, for their area"
STAFF = "staff, for what lies in their area"


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """All rows at once."""

    items: list[Answer]


class Service:
    """The operations of one service. `named`: the types of path parameters that are no ids.

    `more` of a line are fields of `Operation`: `answer`, `public`, `unsigned`, `together`, `timeout`.
    """

    def __init__(self, name: str, answer: Any = Record, named: Mapping[str, Any] | None = None) -> None:
        self._name = name
        self._answer = answer
        self._named = named or {}

    def reads(
        self, path: str, method: str, summary: str, needs: str, form: type[Form] | None = None, **more: Any
    ) -> Operation:
        """GET of one thing."""
        return self._operation("GET", path, method, summary, needs, form, more)

    def lists(
        self, path: str, method: str, summary: str, needs: str, row: type[Any], form: type[Page] = Page, **more: Any
    ) -> Operation:
        """GET of a page, which leaves alone."""
        more |= {"answer": Listing[row], "paged": True, "together": False}  # type: ignore[valid-type]
        return self._operation("GET", path, method, summary, needs, form, more)

    def figures(
        self, path: str, method: str, summary: str, needs: str, form: type[Form] | None = None, **more: Any
    ) -> Operation:
        """GET of what is counted over many: it leaves alone."""
        return self._operation("GET", path, method, summary, needs, form, {"answer": Found, "together": False} | more)

    def asks(
        self, path: str, method: str, summary: str, needs: str, form: type[Form] | None = None, **more: Any
    ) -> Operation:
        """POST of a question whose words have no place in an address; answers rows unless `answer` says otherwise."""
        return self._operation("POST", path, method, summary, needs, form, {"answer": Found} | more)

    def acts(
        self, path: str, method: str, summary: str, needs: str, form: type[Form] | None = None, **more: Any
    ) -> Operation:
        """POST of a step."""
        return self._operation("POST", path, method, summary, needs, form, more)

    def sets(
        self, path: str, method: str, summary: str, needs: str, form: type[Form] | None = None, **more: Any
    ) -> Operation:
        """PUT of a thing under its own name."""
        return self._operation("PUT", path, method, summary, needs, form, more)

    def creates(
        self, path: str, method: str, summary: str, needs: str, form: type[Form] | None = None, **more: Any
    ) -> Operation:
        """POST of something new: 201, with an Idempotency-Key."""
        return self._operation("POST", path, method, summary, needs, form, {"creates": True} | more)

    def _operation(
        self,
        verb: str,
        path: str,
        method: str,
        summary: str,
        needs: str,
        form: type[Form] | None,
        more: dict[str, Any],
    ) -> Operation:
        more.setdefault("answer", self._answer)
        named = {name: kind for name, kind in self._named.items() if f"{{{name}}}" in path}
        return Operation(
            service=self._name,
            verb=verb,
            path=path,
            method=method,
            summary=summary,
            needs=needs,
            form=form,
            named=named,
            **more,
        )
