"""Shared names of the messaging topology: exchanges, retry delays, message headers."""

EVENTS = "linli.events"
REQUESTS = "linli.requests"
REPLIES = "linli.replies"
RESYNC = "linli.resync"
AUDIT = "linli.audit"

#: Seconds before each retry of an event; after the last retry it is parked.
BACKOFF = (1, 5, 30, 300, 300, 300)
#: Seconds before each return of an event that only another process handles, in the same queues; the last one repeats.
DETOUR = (1, 1, 1, 1, 5, 5, 5, 5, 30, 30, 30, 30, 300)

#: Headers of a message in a retry or parking queue.
TRIES = "linli-tries"  # the number of failed attempts
REASON = "linli-reason"  # why the last attempt failed
HANDLER = "linli-handler"
KEY = "linli-key"  # the original routing key
ROUNDS = "linli-rounds"  # how often it went back for a process of another version
REPLAYED = "linli-replayed"  # an operator moved it back from the parking queue


def log_of(tenant: str) -> str:
    """Returns the name of the stream that holds the tenant's events."""
    return f"log.{tenant}"


def mark_of(service: str) -> str:
    """Returns the name of the empty queue that shows that the broker still has what the service has bound."""
    return f"{service}.mark"
