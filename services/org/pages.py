"""The types of lists."""

from __future__ import annotations

from typing import Annotated, Any, TypeAlias

import msgspec

from chassis import types

Limit = Annotated[int, msgspec.Meta(ge=1, le=200)]
After = Annotated[str, msgspec.Meta(max_length=64)]
Listed: TypeAlias = types.Listed[dict[str, Any]]
