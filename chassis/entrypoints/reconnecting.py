"""Reconnect loop: runs a consumer again, with exponential backoff, whenever its connection is lost."""

from __future__ import annotations

import logging
from collections.abc import Callable

import eventlet

from chassis.messaging import amqp
from chassis.process.runtime import Health

log = logging.getLogger(__name__)


def consume_until(stopping: Callable[[], bool], consume: Callable[[], None], component: str, health: Health) -> None:
    """Calls `consume`, which connects, reports `component` as up, and returns when the service stops."""
    delays = amqp.reconnect_delays()
    while not stopping():
        try:
            consume()
        except amqp.LOST as error:
            if health.is_up(component):
                delays = amqp.reconnect_delays()
            health.down(component, str(error))
            log.warning("%s lost: %s", component, error)
            eventlet.sleep(next(delays))
