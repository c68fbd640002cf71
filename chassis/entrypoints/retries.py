"""Retry and parking messages: what becomes of an event that its handler did not finish."""

from __future__ import annotations

import logging

from chassis import metrics
from chassis.entrypoints.delivery import Delivery
from chassis.errors import Problem
from chassis.messaging import amqp
from chassis.messaging.names import BACKOFF, DETOUR, HANDLER, KEY, REASON, ROUNDS, TRIES

log = logging.getLogger(__name__)
#: Seconds: an event whose database is away comes back no later, since the database may be back at any moment.
LONGEST_ABSENCE = 30


def detour_message(queue: str, delivery: Delivery) -> amqp.Message:
    """Returns the message for a retry queue, from which any process may take it; it is not a failed attempt."""
    seconds = DETOUR[min(delivery.rounds, len(DETOUR) - 1)]
    if not delivery.is_left:
        seconds = min(seconds, LONGEST_ABSENCE)
    rounds = min(delivery.rounds + 1, len(DETOUR))
    return _message(queue, f"retry.{seconds}", delivery, {ROUNDS: rounds})


def retry_message(queue: str, delivery: Delivery, handler: str, error: BaseException) -> amqp.Message:
    """Returns the message for its retry queue, or for the parking queue if no retry is left."""
    kind = delivery.received.envelope.type if delivery.received else "unreadable"
    is_retried = delivery.retryable and delivery.tries < len(BACKOFF)
    target = f"retry.{BACKOFF[delivery.tries]}" if is_retried else "parked"
    (metrics.retried if is_retried else metrics.parked).labels(kind).inc()
    log.log(
        logging.WARNING if is_retried else logging.ERROR,
        "event of type %s goes to %s: %s failed with %s",
        kind, target, handler, _reason(error),
        exc_info=None if isinstance(error, Problem) else (type(error), error, error.__traceback__),
    )  # fmt: skip
    return _message(queue, target, delivery, {TRIES: delivery.tries + 1, REASON: _reason(error), HANDLER: handler})


def _message(queue: str, target: str, delivery: Delivery, more: dict[str, str | int]) -> amqp.Message:
    headers = {**delivery.headers, **more, KEY: delivery.key}
    return amqp.Message(f"{queue}.again", target, delivery.body, str(delivery.tag), headers)


def _reason(error: BaseException) -> str:
    """Returns the code of a `Problem`, else the class name: never a message, which could hold personal data."""
    return error.code if isinstance(error, Problem) else type(error).__name__
