"""Type stubs of mongoengine's document classes for mypy.

mongoengine has no types, so mypy would accept any attribute name of a subclass, even a misspelt one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:

    class Document:
        """What this code uses of mongoengine's."""

        meta: ClassVar[dict[str, Any]]
        _fields: ClassVar[dict[str, Any]]

        @classmethod
        def _get_collection_name(cls) -> str: ...

    class EmbeddedDocument:
        """What this code uses of mongoengine's."""

        meta: ClassVar[dict[str, Any]]
        _fields: ClassVar[dict[str, Any]]

else:
    from mongoengine import Document, EmbeddedDocument

__all__ = ["Document", "EmbeddedDocument"]
