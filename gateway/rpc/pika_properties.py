"""Makes pika read the properties of messages with `chassis.messaging.properties`; import it wherever pika connects."""

from __future__ import annotations

from typing import Any

from pika import spec

from chassis.messaging.properties import read_properties


class TolerantProperties(spec.BasicProperties):  # type: ignore[misc]  # pika has no types
    """Properties of a message that anybody may have sent."""

    def decode(self, encoded: bytes, offset: int = 0) -> TolerantProperties:
        for name, value in read_properties(encoded, offset).items():
            setattr(self, name, value)
        return self


_registry: dict[int, Any] = spec.props
_registry[spec.BasicProperties.INDEX] = TolerantProperties
