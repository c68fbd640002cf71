"""Route tables: one module or package per service, discovered by name."""

from __future__ import annotations

import pkgutil
from importlib import import_module

from gateway.api.operation import Operation
from gateway.routes import operator

_SERVICES = sorted(module.name for module in pkgutil.iter_modules(__path__) if module.name != "operator")


def tables() -> dict[str, list[Operation]]:
    """Returns all operations by service, and those of the operator. The router tries them in this order."""
    own = {name: import_module(f"{__name__}.{name}").OPERATIONS for name in _SERVICES}
    return own | {"operator": operator.of_each(_SERVICES)}
