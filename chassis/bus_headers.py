"""The headers that a message carries on its way through retry and parking; apart, for those without eventlet."""

#: Tries that failed, why the last one did, the handler, the routing key it first came with, and whether it was put back.
TRIES, REASON, HANDLER, KEY, REPLAYED = "linli-tries", "linli-reason", "linli-handler", "linli-key", "linli-replayed"
