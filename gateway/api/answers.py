"""What operations answer, as OpenAPI shows it. The services make the answers; nothing is converted here."""

from __future__ import annotations

from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

R = TypeVar("R")


class Open(BaseModel):
    """More fields may come: a client ignores what it does not know."""

    model_config = ConfigDict(extra="allow")


class Record(Open):
    """A record as it stands now, with its own fields beside these."""

    id: str | None = None
    version: Annotated[int | None, Field(description="Also the ETag; for If-Match.")] = None


class Listed(BaseModel, Generic[R]):
    """A page of a list. `cursor` leads to the next; null at the end."""

    items: list[R]
    cursor: str | None


class Found(Open):
    """All rows at once."""

    items: list[dict[str, Any]]
