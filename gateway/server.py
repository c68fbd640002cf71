"""Process of the gateway: composition root, two HTTP servers on one event loop, and a graceful shutdown."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import socket
from collections import Counter
from collections.abc import Iterator
from functools import partial
from ipaddress import ip_network
from typing import Any

import httpx
import uvicorn
from starlette.types import ASGIApp

from chassis import metrics
from chassis.blobs.store import store_of
from chassis.blobs.tickets import tickets_of
from chassis.process import gc_tuning, logs
from chassis.process.version import VERSION
from chassis.settings import BadSetting
from gateway import ops_server
from gateway.app import admission, create
from gateway.auth.app_passwords import AppPasswords
from gateway.auth.devices import Devices
from gateway.auth.principals import Callers
from gateway.auth.sessions import ForeignIssuer, OwnIssuer, Sessions
from gateway.events.log_reader import Logs
from gateway.events.stream_limits import OpenStreams
from gateway.http.connections import BoundedConnection, ConnectionLimits, Refusal
from gateway.http.cursors import Cursors
from gateway.http.places import Places
from gateway.http.rate_limits import Rate
from gateway.request_context import AppState
from gateway.rpc.client import RpcClient
from gateway.rpc.connection import Broker
from gateway.settings import GatewaySettings

#: Seconds that open requests have to finish after a stop signal.
DRAIN = 25
#: Connections that may wait to be accepted.
BACKLOG = 2048


class Server(uvicorn.Server):
    """uvicorn server without signal handlers: the process handles signals, so that both servers stop together."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def assemble(settings: GatewaySettings, broker: Broker, client: httpx.AsyncClient) -> AppState:
    """Composition root: builds the application state. Needs a running loop."""
    rpc = RpcClient(broker)
    clock = settings.chassis.clock()

    def now() -> float:
        return clock.now().timestamp()

    own = OwnIssuer(settings.session_key, settings.public_url, settings.session_seconds, now=now)
    foreign = {trusted.issuer: ForeignIssuer(trusted, client, now=now) for trusted in settings.issuers}
    sessions = Sessions(own, foreign, now)
    callers = Callers(rpc, sessions, settings.principal_key, now, settings.operator_key)
    guesses, calls = Rate("guesses", settings.sign_in_limit), Places(settings.calls)
    return AppState(
        settings=settings,
        rpc=rpc,
        callers=callers,
        app_passwords=AppPasswords(rpc, callers, guesses, calls, now),
        sessions=sessions,
        now=now,
        cursors=Cursors(settings.session_key),
        rate=Rate("tenant", settings.rate_limit),
        devices=Devices(settings.session_key, now),
        guesses=guesses,
        addresses=Rate("addresses", settings.address_limit),
        anonymous=Rate("anonymous", settings.anonymous_limit),
        calls=calls,
        uploads=Places(settings.uploads),
        imports=Places(settings.imports),
        streams=OpenStreams(settings.streams),
        blobs=store_of(settings.chassis),
        tickets=tickets_of(settings.chassis),
        logs=Logs(settings.amqp_uri),
        ending=asyncio.Event(),
    )


async def serve(settings: GatewaySettings) -> None:
    """Serves until SIGTERM or SIGINT, then drains open requests and closes the broker connection last.

    Raises `BadSetting` for a port that it cannot bind, before anything else starts.
    """
    public_socket = listen("LINLI_GATEWAY_PORT", settings.host, settings.port)
    ops_socket = listen("LINLI_OPS_PORT", settings.host, settings.ops_port)
    logs.configure("gateway", settings.log_level)
    # pika calls each attempt to connect an error; whoever connects here reports the failure itself.
    logging.getLogger("pika").setLevel("CRITICAL")
    # It warns of each request that it cannot read, which anybody can send without end.
    logging.getLogger("uvicorn.error").setLevel("ERROR")
    metrics.build_info.labels("gateway", VERSION).set(1)
    broker = Broker(settings.amqp_uri)
    async with httpx.AsyncClient() as client:
        state = assemble(settings, broker, client)
        main = server(create(state), settings, graceful=DRAIN, refusal=admission(state).refusal)
        ops = server(ops_server.application(lambda: health(broker, state)), settings, graceful=1)
        gc_tuning.settle()
        _on_signals(state, main)
        broker.start(state.rpc)
        serving_ops = asyncio.create_task(ops.serve([ops_socket]))
        await main.serve([public_socket])
        ops.should_exit = True
        await serving_ops
        await broker.stop()


def listen(name: str, host: str, port: int) -> socket.socket:
    """Binds a listening socket. `name`: the setting of the port. Raises `BadSetting`, which names both."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except (OSError, OverflowError) as error:
        raise BadSetting(name=name, reason=f"port {port} at {host}: {error}") from error


def server(app: ASGIApp, settings: GatewaySettings, graceful: int, refusal: Refusal = lambda _: None) -> Server:
    """Builds an HTTP server."""
    connection: Any = partial(BoundedConnection, refusal=refusal, limits=limits(settings), open_connections=Counter())
    config = uvicorn.Config(
        app,
        backlog=BACKLOG,
        loop="uvloop",
        http=connection,
        ws="none",
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,  # the application reads them, behind the door
        timeout_graceful_shutdown=graceful,
    )
    return Server(config)


def limits(settings: GatewaySettings) -> ConnectionLimits:
    return ConnectionLimits(
        header_timeout=settings.header_timeout,
        body_timeout=settings.body_timeout,
        body_min_rate=settings.body_min_rate,
        send_timeout=settings.send_timeout,
        of_address=settings.address_connections,
        proxies=tuple(ip_network(network) for network in settings.trusted_proxies),
    )


def health(broker: Broker, state: AppState) -> dict[str, str]:
    """Returns the checks of `/readyz`. `serving` alone decides whether callers are sent here (decision 0017)."""
    connection = "blocked" if broker.blocked else "up" if broker.ready else "not connected"
    return {
        "broker": connection,
        "live events": "up" if state.logs.channels_left > 0 else "no channel left",
        "serving": "stopping" if state.ending.is_set() else "up" if broker.was_ready else "starting",
    }


def _on_signals(state: AppState, main: Server) -> None:
    def stop() -> None:
        state.ending.set()
        state.logs.stop()
        main.should_exit = True

    loop = asyncio.get_running_loop()
    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, stop)
