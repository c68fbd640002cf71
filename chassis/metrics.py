"""Prometheus metrics of every process. No label holds an id, a person or free text; `service` is who reports."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram, disable_created_metrics

# A series of its own for each counter, whose moment the start of the process says as well.
disable_created_metrics()  # type: ignore[no-untyped-call]

_FAST = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

build_info = Gauge("linli_build_info", "Always 1; what runs here.", ["service", "version"])
rpc_seconds = Histogram("linli_rpc_seconds", "Time in a command or query.", ["method", "outcome"], buckets=_FAST)
rpc_batch = Histogram("linli_rpc_batch_calls", "Calls in one request message.", buckets=(1, 2, 4, 8, 16, 32, 64))
rpc_allowed = Gauge("linli_rpc_allowed", "The limit of calls in flight now.")
rpc_in_flight = Gauge("linli_rpc_in_flight", "Calls that wait or run, by method.", ["method"])
published = Counter("linli_events_published_total", "Events confirmed by the broker.", ["type"])
unpublished = Counter("linli_events_unpublished_total", "Publications that failed; the sweep repeats them.", ["reason"])
handled = Counter("linli_events_handled_total", "Events handled.", ["type"])
retried = Counter("linli_events_retried_total", "Events put into a retry queue.", ["type"])
parked = Counter("linli_events_parked_total", "Events parked.", ["type"])
paused = Gauge("linli_consumer_paused", "1 while no events are taken, since the database is away.")
queue_lost = Counter("linli_queue_lost_total", "Times that the broker had lost the queue or its bindings.")
handler_seconds = Histogram("linli_handler_seconds", "Time in an event handler.", ["handler"], buckets=_FAST)
outbox_length = Gauge("linli_outbox_events", "Events stored and not yet published, as the last sweep found.")
outbox_age = Gauge("linli_outbox_age_seconds", "Age of the oldest of them.")
set_aside = Gauge("linli_outbox_set_aside_events", "Events that the broker refuses; the log names them.")
without_log = Gauge("linli_tenants_without_log", "Tenants whose log the broker does not have; their events wait.")
damaged_rows = Counter("linli_damaged_rows_total", "Rows that were skipped; the log names them.", ["collection"])
leader = Gauge("linli_leader", "1 if this process does the task for all processes of its service.", ["task"])
timer_failures = Counter("linli_timer_failures_total", "Rows at which a timer failed by a defect; the log names them.")
database_seconds = Histogram("linli_database_seconds", "Time of a database call.", ["operation"], buckets=_FAST)
commit_writes = Histogram("linli_commit_writes", "Writes committed together.", buckets=(1, 2, 4, 8, 16, 32, 64, 128))
broker_blocked = Gauge("linli_broker_blocked", "1 while the broker blocks publishers.")
