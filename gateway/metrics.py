"""Prometheus metrics of the gateway, besides chassis.metrics. Labels are route templates and method names.

`callee` is the service that a call goes to: `service` is always the part that reports.
"""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

requests = Counter("linli_http_requests_total", "Requests answered.", ["route", "method", "status"])
request_seconds = Histogram("linli_http_request_seconds", "Time to the last byte.", ["route"], buckets=_SECONDS)
requests_now = Gauge("linli_http_requests_in_flight", "Requests being answered.")
call_seconds = Histogram(
    "linli_call_seconds", "From call to answer.", ["callee", "method", "outcome"], buckets=_SECONDS
)
calls_allowed = Gauge("linli_calls_allowed", "The limit of calls in flight now.", ["callee"])
calls_in_flight = Gauge("linli_calls_in_flight", "Calls without an answer yet.", ["callee"])
calls_waiting = Gauge("linli_calls_waiting", "Calls that wait for others to return.", ["callee"])
messages_in_flight = Gauge("linli_call_messages_in_flight", "Messages of batched calls in flight.", ["callee"])
messages_allowed = Gauge("linli_call_messages_allowed", "The limit of these now.", ["callee"])
message_calls = Histogram(
    "linli_call_message_calls", "Calls in one message.", ["callee"], buckets=(1, 2, 4, 8, 16, 32, 64)
)
streams = Gauge("linli_live_streams", "Live event streams being served.")
refused_entries = Counter("linli_live_refused_entries_total", "Entries of tenants' logs that are no events.")
