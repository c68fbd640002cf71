"""`./linli parked`: lists, replays or drops parked messages, the ones that failed every retry."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
import pika
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import AMQPError

import gateway.rpc.pika_properties  # noqa: F401  # any sender's properties can be read
from chassis.envelope import UNREADABLE
from chassis.messaging.names import HANDLER, KEY, REASON, REPLAYED, TRIES
from launcher.installation import Installation
from launcher.problems import Stopped
from launcher.servers.broker_topology import OPERATOR
from launcher.service_list import NAMES


class BrokerFailed(Stopped):
    """Whatever was not done yet is still in the queues."""

    def __init__(self, error: Exception) -> None:
        reason = str(error) or type(error).__name__
        super().__init__(
            f"The broker does not answer, or refuses: {reason}. Run ./linli status, or ./linli up to set it right; "
            "with a broker of your own, check AMQP_URI and import its definitions."
        )


Message = tuple[Any, pika.BasicProperties, bytes]


class _Identified(msgspec.Struct):
    id: str


_decode = msgspec.json.Decoder(_Identified).decode


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("act", choices=["list", "replay", "drop"], help="what to do with the messages")
    parser.add_argument("--service", choices=NAMES, help="only this service's messages")
    parser.add_argument("--id", help="only the message with this id")
    parser.add_argument("--all", action="store_true", help="required to drop without --id")


def run(options: argparse.Namespace) -> int:
    if options.act == "drop" and not (options.id or options.all):
        raise Stopped("pass --id or --all to say which messages to drop")
    count = 0
    with _channel(Installation.existing().amqp_uri(OPERATOR)) as channel:
        for service in [options.service] if options.service else NAMES:
            for line in act(channel, service, options.act, options.id):
                print(line)
                count += 1
    print(f"{count} message{'s' * (count != 1)}" + {"list": "", "replay": " replayed", "drop": " dropped"}[options.act])
    return 0


@contextmanager
def _channel(uri: str) -> Iterator[BlockingChannel]:
    """Raises `BrokerFailed` if the broker does not answer, goes away or refuses something."""
    try:
        parameters = pika.URLParameters(uri)
    except (ValueError, IndexError) as error:  # pika does not check what it takes apart
        raise Stopped("AMQP_URI is no address of a broker; write amqp://operator:password@host:5672/%2F") from error
    try:
        with pika.BlockingConnection(parameters) as connection:
            channel = connection.channel()
            channel.confirm_delivery()
            yield channel
    except (AMQPError, OSError) as error:
        raise BrokerFailed(error) from error


def act(channel: BlockingChannel, service: str, what: str, only: str | None = None) -> Iterator[str]:
    """Fetches each parked message once; returns those it does not replay or drop to the queue at the end."""
    held: list[int] = []
    for method, properties, body in _parked(channel, f"{service}.parked"):
        chosen = only in (None, _id(body))
        if chosen:
            yield _line(service, properties, body)
        if chosen and what == "replay":
            _replay(channel, service, properties, body)
        if chosen and what != "list":
            channel.basic_ack(method.delivery_tag)
        else:
            held.append(method.delivery_tag)
    if held:
        # With one command, so that a concurrent count sees all of them or none.
        channel.basic_nack(held[-1], multiple=True, requeue=True)


def _parked(channel: BlockingChannel, queue: str) -> Iterator[Message]:
    """The messages in the queue now; a message that is replayed and parked again meanwhile is left for the next run."""
    for _ in range(channel.queue_declare(queue, passive=True).method.message_count):
        if (message := channel.basic_get(queue))[0] is None:
            return
        yield message


def _replay(channel: BlockingChannel, service: str, properties: pika.BasicProperties, body: bytes) -> None:
    """Sends it back to the service's queue with a fresh set of tries; confirmed before it leaves the parked queue."""
    headers = {KEY: _key(properties), REPLAYED: True}
    again = pika.BasicProperties(headers=headers, delivery_mode=2, message_id=properties.message_id)
    channel.basic_publish(f"{service}.again", "again", body, again, mandatory=True)


def _key(properties: pika.BasicProperties) -> str:
    """The original routing key: from our header, or from the broker's if its delivery limit parked the message."""
    headers = properties.headers or {}
    if isinstance(key := headers.get(KEY), str):
        return key
    try:
        return str(headers["x-death"][-1]["routing-keys"][0])
    except (KeyError, IndexError, TypeError):
        return ""


def _id(body: bytes) -> str:
    try:
        return _decode(body).id
    except UNREADABLE:
        return ""


def _line(service: str, properties: pika.BasicProperties, body: bytes) -> str:
    headers = properties.headers or {}
    reason = headers.get(REASON) or ("crashed its handler" if headers.get("x-death") else "unknown")
    handler = headers.get(HANDLER, "-")
    tries = headers.get(TRIES, 0)
    line = f"{service:9} {_id(body) or '(no id)':36} {_key(properties):45} {reason} in {handler}, {tries} tries"
    # Whoever sent the message must not write to the operator's terminal.
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in line)
