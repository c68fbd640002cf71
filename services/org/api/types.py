"""What people call things."""

from __future__ import annotations

from typing import Annotated

import msgspec

from chassis.types import NOT_BLANK

Name = Annotated[str, msgspec.Meta(pattern=NOT_BLANK, max_length=80)]
