"""The types of what calls bring."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import msgspec

Id = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
Path = Annotated[str, msgspec.Meta(min_length=3, max_length=120, pattern=r"^(/[0-9a-z][0-9a-z.-]*)+/$")]
Word = Annotated[str, msgspec.Meta(max_length=64)]
Moment = Annotated[datetime, msgspec.Meta(tz=True)]
Answer = dict[str, Any]
