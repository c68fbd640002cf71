"""A short way to write operations: a line says the address, the method of the service, who may, and the fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from gateway.api.answers import Found, Listed, Record
from gateway.api.old_operation import Operation
from gateway.api.types import Page, fields_of, form

ANYBODY = "anybody signed in"
ADMIN = "tenant admin, for their area"
STAFF = "staff, for what lies in their area"


class Service:
    """The operations of one service. Keyword fields make the form that a request carries (see `gateway.api.types`).

    `named`: the types of path parameters that are no ids.
    """

    def __init__(self, name: str, answer: type[BaseModel] = Record, named: Mapping[str, Any] | None = None) -> None:
        self._name = name
        self._answer = answer
        self._named = named or {}

    def reads(self, path: str, method: str, summary: str, needs: str, /, **fields: Any) -> Operation:
        """GET of one thing."""
        answer = fields.pop("_answer", self._answer)
        query = form(_title(method), **fields) if fields else None
        return self._operation("GET", path, method, summary, needs, query=query, answer=answer)

    def lists(
        self, path: str, method: str, summary: str, needs: str, row: type[BaseModel], /, **fields: Any
    ) -> Operation:
        """GET of a page, which leaves alone; the service says with `after` and `next` where pages begin."""
        query = form(_title(method), Page, **fields, fields=fields_of(row) | None)
        answer = Listed[row]  # type: ignore[valid-type]  # a type that is known when it runs
        more = {"query": query, "position": "after", "answer": answer, "together": False}
        return self._operation("GET", path, method, summary, needs, **more)

    def figures(self, path: str, method: str, summary: str, needs: str, /, **fields: Any) -> Operation:
        """GET of what is counted over many: it leaves alone."""
        query = form(_title(method), **fields) if fields else None
        return self._operation("GET", path, method, summary, needs, query=query, together=False, answer=Found)

    def asks(self, path: str, method: str, summary: str, needs: str, /, **fields: Any) -> Operation:
        """POST of a question whose words have no place in an address; answers rows unless `_answer` says otherwise."""
        fields.setdefault("_answer", Found)
        return self._writes("POST", path, method, summary, needs, fields)

    def acts(self, path: str, method: str, summary: str, needs: str, /, **fields: Any) -> Operation:
        """POST of a step; `_body` and `_into` as in `Operation`."""
        return self._writes("POST", path, method, summary, needs, fields)

    def sets(self, path: str, method: str, summary: str, needs: str, /, **fields: Any) -> Operation:
        """PUT of a thing under its own name."""
        return self._writes("PUT", path, method, summary, needs, fields)

    def creates(self, path: str, method: str, summary: str, needs: str, /, **fields: Any) -> Operation:
        """POST of something new: 201, with an Idempotency-Key."""
        return self._writes("POST", path, method, summary, needs, fields, creates=True)

    def _writes(
        self, verb: str, path: str, method: str, summary: str, needs: str, fields: dict[str, Any], creates: bool = False
    ) -> Operation:
        options = {
            name: fields.pop("_" + name)
            for name in ("into", "answer", "public", "unsigned", "together", "timeout")
            if "_" + name in fields
        }
        body: type[BaseModel] | None = fields.pop("_body", None) or (form(_title(method), **fields) if fields else None)
        return self._operation(verb, path, method, summary, needs, body=body, creates=creates, **options)

    def _operation(self, verb: str, path: str, method: str, summary: str, needs: str, **more: Any) -> Operation:
        more.setdefault("answer", self._answer)
        named = {name: kind for name, kind in self._named.items() if f"{{{name}}}" in path}
        return Operation(
            service=self._name, verb=verb, path=path, method=method, summary=summary, needs=needs, named=named, **more
        )


def _title(method: str) -> str:
    return "".join(word.capitalize() for word in method.split("_"))
