"""A service is one class of many parts: a name that two of them define would silently be the first one's."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from services.cases.service import Cases
from services.org.service import Org

#: What is gathered over all parts (`chassis.process.runtime.documents_of`).
GATHERED = "documents"


@pytest.mark.parametrize("service", [Org, Cases])
def test_no_two_parts_of_a_service_define_the_same_name(service: type[Any]) -> None:
    parts = service.__mro__[1:-1]
    names = Counter(name for part in parts for name in vars(part) if not name.startswith("__") and name != GATHERED)
    assert [name for name, count in names.items() if count > 1] == []
