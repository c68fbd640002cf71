"""A service is one class with many bases: if two of them define the same name, one would silently hide the other."""

from __future__ import annotations

from collections import Counter
from importlib import import_module

import pytest

from launcher.service_list import SERVICES, ServiceEntry

# Every base may define its own; `chassis.process.runtime.documents_of` collects them.
GATHERED = "documents"


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_no_two_use_cases_of_a_service_define_the_same_name(service: ServiceEntry) -> None:
    module, _, name = service.runs.partition(":")
    bases = getattr(import_module(module), name).__mro__[1:-1]
    names = Counter(name for base in bases for name in vars(base) if not name.startswith("__") and name != GATHERED)
    assert [name for name, count in names.items() if count > 1] == []
