"""What services, gateway, launcher and broker call the same by name: exchanges, retries, headers."""

EVENTS = "linli.events"
REQUESTS = "linli.requests"
REPLIES = "linli.replies"
RESYNC = "linli.resync"
AUDIT = "linli.audit"

#: Seconds before each further try of an event; after the last it is parked.
BACKOFF = (1, 5, 30, 300, 300, 300)

#: Headers of a message on its way through retry and parking.
TRIES = "linli-tries"  # how many failed
REASON = "linli-reason"  # why the last one did
HANDLER = "linli-handler"
KEY = "linli-key"  # the routing key that it first came with
REPLAYED = "linli-replayed"  # somebody put it back from the parked ones
