"""Entry point of a service process: `python -m chassis.run services.cases.service:Cases` runs until SIGTERM."""

import os

# Each thread hashes passwords with 19 MiB, and the process never gives a thread's memory back.
os.environ.setdefault("EVENTLET_THREADPOOL_SIZE", "4")

import eventlet

eventlet.monkey_patch()

import contextlib  # noqa: E402  # everything below must see the patched standard library
import importlib  # noqa: E402
import logging  # noqa: E402
import signal  # noqa: E402
import sys  # noqa: E402
from collections.abc import Callable, Mapping  # noqa: E402
from typing import Any  # noqa: E402

from dns.exception import DNSException  # noqa: E402
from eventlet.debug import hub_exceptions  # noqa: E402
from eventlet.event import Event as Signal  # noqa: E402
from eventlet.support import greendns  # noqa: E402
from nameko import config as nameko_config  # noqa: E402
from nameko.containers import ServiceContainer  # noqa: E402
from pymongo.errors import PyMongoError  # noqa: E402

from chassis import metrics  # noqa: E402
from chassis.entrypoints.consumer import EventConsumer  # noqa: E402
from chassis.errors import Problem  # noqa: E402
from chassis.process import gc_tuning, logs, ops_server  # noqa: E402
from chassis.process.runtime import Runtime  # noqa: E402
from chassis.process.version import VERSION  # noqa: E402
from chassis.settings import Settings  # noqa: E402

log = logging.getLogger("chassis.run")
_SWEEP_SECONDS = 2.0


def main(target: str) -> None:
    """Runs the service class `target` (`module:Class`); exits with an error message if a setting or key is wrong."""
    module, _, name = target.partition(":")
    service = getattr(importlib.import_module(module), name)
    logs.configure(service.name, os.environ.get("LINLI_LOG_LEVEL", "INFO"))
    _keep_no_addresses()
    try:
        container = container_of(service, os.environ)
        container.linli.verifier  # noqa: B018  # reads the key file: a service without its keys must not start
        _serve(container, container.linli)
    except Problem as problem:
        sys.exit(problem.text("en"))


def _keep_no_addresses() -> None:
    """Turns off eventlet's DNS cache: it would keep the old address of a restarted server until the TTL ends."""
    with contextlib.suppress(DNSException):  # a machine without a resolver has no cache
        greendns.resolver._resolver.cache = None


def container_of(service: Any, environment: Mapping[str, str]) -> ServiceContainer:
    """Returns the nameko container of a service class, with its runtime. Raises `MissingSetting` or `BadSetting`."""
    runtime = Runtime(Settings.for_service(service.name, environment))
    nameko_config.update({"max_workers": runtime.settings.max_workers})
    container = ServiceContainer(service)
    container.linli = runtime
    # Also in a service that has lost its last handler: what is still bound and queued must not stay for ever.
    container.subextensions.add(EventConsumer().bind(container))
    return container


def _serve(container: ServiceContainer, runtime: Runtime) -> None:
    stopping = Signal()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None if stopping.ready() else stopping.send(True))
    metrics.build_info.labels(runtime.settings.service, VERSION).set(1)
    # The extensions add their own components: a service may have no commands.
    runtime.health.expect("database")
    ops_server.serve(runtime.settings.ops_host, runtime.settings.ops_port, runtime.health, VERSION)
    _start(container)
    gc_tuning.settle()
    log.info("%s %s starts", runtime.settings.service, VERSION)
    watch = eventlet.spawn(_watch_database, runtime)
    for run in (container.wait, runtime.relay.run, watch.wait):
        eventlet.spawn(_end_with, run, stopping)
    stopping.wait()
    log.info("draining")
    watch.kill()
    container.stop()
    runtime.relay.stop()
    runtime.collections.close()


def _start(container: ServiceContainer) -> None:
    """Starts the container. Raises what stopped an extension, such as a missing secret; eventlet must not log it."""
    hub_exceptions(False)
    try:
        container.start()
    finally:
        hub_exceptions(True)


def _end_with(run: Callable[[], Any], stopping: Signal) -> None:
    """Ends the process if a part of it dies of a defect; the supervisor restarts the process."""
    try:
        run()
    except Exception:
        log.exception("a part of the service died")
    finally:
        if not stopping.ready():
            stopping.send(True)


def _watch_database(runtime: Runtime) -> None:
    """Creates the indexes once the database is reachable, then sweeps outboxes and reports the database's health."""
    indexed = False
    while True:
        try:
            if not indexed:
                runtime.collections.ensure_indexes()
                indexed = True
            runtime.relay.sweep()
            runtime.health.up("database")
        except PyMongoError as error:
            runtime.health.down("database", type(error).__name__)
            log.warning("the database is not reachable: %s", type(error).__name__)
        eventlet.sleep(_SWEEP_SECONDS)


if __name__ == "__main__":
    main(sys.argv[1])
