"""Builder of route tables: each entry gives the path, the service method, the summary, the callers and the form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import msgspec

from chassis.types import Form, Page
from gateway.api.operation import Operation
from gateway.api.schema import Listing
from vocabulary.roles import Permission

Needs: TypeAlias = Permission | tuple[Permission, ...]

ANYBODY = Permission.LOOK_UP
ADMIN = Permission.ADMINISTER


class RouteBuilder:
    """Builder of the operations of one service. `answer`: what they return, unless an operation says otherwise.

    `named`: the types of path parameters that are not ids. `tag`: their group in the API's description (default: the
    service's name).

    `needs`: the permission that the caller needs, or several of which one is enough (`vocabulary.rights` says who has
    it). `more` passes on fields of `Operation`: `condition`, `answer`, `key`, `public`, `unsigned`, `batched`,
    `timeout`.
    """

    def __init__(self, name: str, answer: Any = None, named: Mapping[str, Any] | None = None, tag: str = "") -> None:
        self._name = name
        self._tag = tag or name
        self._answer = answer
        self._named = named or {}

    def reads(
        self, path: str, method: str, summary: str, needs: Needs, form: type[Form] | None = None, **more: Any
    ) -> Operation:
        """GET of one resource."""
        return self._operation("GET", path, method, summary, needs, form, more)

    def lists(
        self,
        path: str,
        method: str,
        summary: str,
        needs: Needs,
        row: type[Any],
        form: type[Page] = Page,
        **more: Any,
    ) -> Operation:
        """GET of a page of a list; never batched."""
        more |= {"answer": Listing[row], "paged": True, "batched": False}  # type: ignore[valid-type]
        return self._operation("GET", path, method, summary, needs, form, more)

    def figures(
        self, path: str, method: str, summary: str, needs: Needs, form: type[Form] | None = None, **more: Any
    ) -> Operation:
        """GET of aggregate figures; never batched."""
        return self._operation("GET", path, method, summary, needs, form, {"batched": False} | more)

    def asks(
        self, path: str, method: str, summary: str, needs: Needs, form: type[Form] | None = None, **more: Any
    ) -> Operation:
        """POST of a query whose terms do not belong in a URL."""
        return self._operation("POST", path, method, summary, needs, form, more)

    def acts(
        self, path: str, method: str, summary: str, needs: Needs, form: type[Form] | None = None, **more: Any
    ) -> Operation:
        """POST of a command."""
        return self._operation("POST", path, method, summary, needs, form, more)

    def sets(
        self, path: str, method: str, summary: str, needs: Needs, form: type[Form] | None = None, **more: Any
    ) -> Operation:
        """PUT of a resource at its own path."""
        return self._operation("PUT", path, method, summary, needs, form, more)

    def patches(
        self, path: str, method: str, summary: str, needs: Needs, resource: type[msgspec.Struct], **more: Any
    ) -> Operation:
        """PATCH of a resource with a JSON Merge Patch (RFC 7396); requires If-Match."""
        return self._operation("PATCH", path, method, summary, needs, None, {"patches": resource} | more)

    def creates(
        self, path: str, method: str, summary: str, needs: Needs, form: type[Form] | None = None, **more: Any
    ) -> Operation:
        """POST of a new resource: returns 201 and requires an Idempotency-Key."""
        return self._operation("POST", path, method, summary, needs, form, {"creates": True} | more)

    def _operation(
        self,
        verb: str,
        path: str,
        method: str,
        summary: str,
        needs: Needs,
        form: type[Form] | None,
        more: dict[str, Any],
    ) -> Operation:
        more.setdefault("answer", self._answer)
        named = {name: kind for name, kind in self._named.items() if f"{{{name}}}" in path}
        return Operation(
            service=self._name,
            tag=self._tag,
            verb=verb,
            path=path,
            method=method,
            summary=summary,
            permissions=(needs,) if isinstance(needs, Permission) else needs,
            form=form,
            named=named,
            **more,
        )
