"""The sample service with a place to die in: `LINLI_TEST_CRASH` names it, the file `LINLI_TEST_ARMED` arms it."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

from chassis.persistence.outbox_relay import OutboxRelay
from chassis.persistence.tenant_data import TenantData
from tests.integration.chassis.sample import SampleWithResync as Sample
from tests.integration.chassis.sample import Sum, Tally

__all__ = ["Sample"]

_PLACE = os.environ.get("LINLI_TEST_CRASH", "")
_ARMED = Path(os.environ.get("LINLI_TEST_ARMED", "/nonexistent"))


def _die(place: str) -> None:
    if place == _PLACE and _ARMED.exists():
        _ARMED.unlink()
        os.kill(os.getpid(), signal.SIGKILL)


def _dying(place: str, method: Callable[..., Any], of: type[Any] = object) -> Callable[..., Any]:
    """`of`: only when one of these is among the arguments."""

    def run(*args: Any, **kwargs: Any) -> Any:
        if any(isinstance(argument, of) for argument in args):
            _die(place)
        return method(*args, **kwargs)

    return run


OutboxRelay.publish = _dying("between commit and publish", OutboxRelay.publish)  # type: ignore[method-assign]
OutboxRelay._remove_published = _dying("between publish and pull", OutboxRelay._remove_published)  # type: ignore[method-assign]
TenantData.save = _dying("in a handler", TenantData.save, Sum)  # type: ignore[method-assign]
Tally.add = _dying("in a command", Tally.add)  # type: ignore[method-assign]
