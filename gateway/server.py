"""The gateway as a process: its parts put together, two servers on one loop, and a stop that finishes first."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import socket
from collections.abc import Iterator

import httpx
import uvicorn
from starlette.types import ASGIApp

from chassis.blobs.store import store_of
from chassis.blobs.tickets import tickets_of
from chassis.process import gc_tuning, logs, metrics
from chassis.process.settings import BadSetting
from chassis.process.version import VERSION
from gateway import ops_server
from gateway.app import create
from gateway.auth.principals import Callers
from gateway.auth.sessions import ForeignIssuer, OwnIssuer, Sessions
from gateway.events.log_reader import Logs
from gateway.http.cursors import Cursors
from gateway.http.rate_limits import Rate
from gateway.request_context import AppState
from gateway.rpc.client import RpcClient
from gateway.rpc.connection import Broker
from gateway.settings import GatewaySettings

#: Seconds that requests in hand have to finish after a stop.
DRAIN = 25
#: Connections that may wait to be taken.
BACKLOG = 2048


class Server(uvicorn.Server):
    """The process handles its signals itself: both servers stop together."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def assemble(settings: GatewaySettings, broker: Broker, client: httpx.AsyncClient) -> AppState:
    """Everything that routes work with; needs a running loop."""
    calls = RpcClient(broker)
    clock = settings.chassis.clock()

    def now() -> float:
        return clock.now().timestamp()

    own = OwnIssuer(settings.session_key, settings.public_url, settings.session_seconds, now=now)
    foreign = {trusted.issuer: ForeignIssuer(trusted, client, now=now) for trusted in settings.issuers}
    sessions = Sessions(own, foreign, now)
    return AppState(
        settings=settings,
        calls=calls,
        callers=Callers(calls, sessions, settings.principal_key, now, settings.operator_key),
        sessions=sessions,
        now=now,
        cursors=Cursors(settings.session_key),
        rate=Rate("tenant", settings.rate_limit),
        guesses=Rate("guesses", settings.sign_in_limit),
        addresses=Rate("addresses", settings.address_limit),
        anonymous=Rate("anonymous", settings.anonymous_limit),
        blobs=store_of(settings.chassis),
        tickets=tickets_of(settings.chassis),
        logs=Logs(settings.amqp_uri),
        ending=asyncio.Event(),
    )


async def serve(settings: GatewaySettings) -> None:
    """Serves until SIGTERM or SIGINT; then takes no more, finishes what is in hand and leaves the broker last.

    Raises `BadSetting` for a port that it cannot have, before anything else is started.
    """
    outside = listen("LINLI_GATEWAY_PORT", settings.host, settings.port)
    inside = listen("LINLI_OPS_PORT", settings.host, settings.ops_port)
    logs.configure("gateway", settings.log_level)
    logging.getLogger("pika").setLevel("WARNING")
    metrics.build_info.labels("gateway", VERSION).set(1)
    broker = Broker(settings.amqp_uri)
    async with httpx.AsyncClient() as client:
        state = assemble(settings, broker, client)
        main = server(create(state), settings, graceful=DRAIN)
        side = server(ops_server.application(lambda: _health(broker, state)), settings, graceful=1)
        gc_tuning.settle()
        _on_signals(state, main)
        broker.start(state.calls)
        beside = asyncio.create_task(side.serve([inside]))
        await main.serve([outside])
        side.should_exit = True
        await beside
        await broker.stop()


def listen(name: str, host: str, port: int) -> socket.socket:
    """`name`: the setting that chose the port. Raises `BadSetting`, which names it and the port."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except (OSError, OverflowError) as error:
        raise BadSetting(name=name, reason=f"port {port} at {host}: {error}") from error


def server(app: ASGIApp, settings: GatewaySettings, graceful: int) -> Server:
    """Callers' addresses, by which some limits count, are taken from the word of the trusted proxies alone."""
    config = uvicorn.Config(
        app,
        backlog=BACKLOG,
        loop="uvloop",
        http="httptools",
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
        forwarded_allow_ips=settings.trusted_proxies,
        timeout_graceful_shutdown=graceful,
    )
    return Server(config)


def _health(broker: Broker, state: AppState) -> dict[str, str]:
    link = "blocked" if broker.blocked else "up" if broker.ready else "not connected"
    return {"broker": link, "serving": "stopping" if state.ending.is_set() else "up"}


def _on_signals(state: AppState, main: Server) -> None:
    def stop() -> None:
        state.ending.set()
        state.logs.stop()
        main.should_exit = True

    loop = asyncio.get_running_loop()
    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, stop)
