"""What people call things."""

from __future__ import annotations

from typing import Annotated

import msgspec

NOT_BLANK = r"\S"
"""The pattern of a text that says something: blanks alone are no name, title or reason."""

Name = Annotated[str, msgspec.Meta(pattern=NOT_BLANK, max_length=80)]
