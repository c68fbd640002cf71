"""Contender: FastStream as documented, with a quorum queue, persistent messages, publisher confirms, manual ack."""

import asyncio
import json

from faststream import AckPolicy, FastStream
from faststream.rabbit import ExchangeType, QueueType, RabbitBroker, RabbitExchange, RabbitQueue

from bench.event_path import payload
from bench.event_path.contender import Watch, main
from chassis.envelope import encode

EXCHANGE = RabbitExchange("bench.faststream", type=ExchangeType.TOPIC, durable=True)
QUEUE = RabbitQueue(payload.FASTSTREAM_QUEUE, durable=True, queue_type=QueueType.QUORUM, routing_key=payload.KIND)


def publish(uri: str, count: int, watch: Watch) -> None:
    events = [json.loads(encode(payload.envelope(number))) for number in range(count)]

    async def run() -> None:
        async with RabbitBroker(uri) as broker:
            await broker.connect()
            queue = await broker.declare_queue(QUEUE)
            await queue.bind(await broker.declare_exchange(EXCHANGE), payload.KIND)
            watch.start()
            # FastStream can publish concurrently, so it does: 200 at once, as many as in one of our batches.
            for first in range(0, count, 200):
                batch = events[first : first + 200]
                await asyncio.gather(
                    *(
                        broker.publish(event, exchange=EXCHANGE, routing_key=payload.KIND, persist=True)
                        for event in batch
                    )
                )
            watch.stop(count)

    asyncio.run(run())


def handle(uri: str, count: int, watch: Watch) -> None:
    from faststream.rabbit import Channel

    broker = RabbitBroker(uri, default_channel=Channel(prefetch_count=400))

    @broker.subscriber(QUEUE, EXCHANGE, ack_policy=AckPolicy.NACK_ON_ERROR)
    async def on_dispatched(event: dict[str, object]) -> None:
        watch.tick(count)

    asyncio.run(FastStream(broker).run())


if __name__ == "__main__":
    main(publish, handle)
