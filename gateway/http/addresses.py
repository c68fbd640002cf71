"""Client addresses, as limits count them."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv6Address, ip_network

from starlette.requests import Request

#: A provider gives each household at least a network of this size, in which it picks addresses as it likes.
_HOUSEHOLD = 64


def address_of(request: Request) -> str:
    """Returns the client's address, behind trusted proxies the one that they name."""
    return counted_as(request.client.host if request.client else "")


def counted_as(host: str) -> str:
    """Returns what stands for an address in a limit: an IPv4 address itself, of an IPv6 address its network."""
    return _network(host) if ":" in host else host


@lru_cache(maxsize=4096)
def _network(host: str) -> str:
    try:
        address = IPv6Address(host.partition("%")[0])
    except ValueError:
        return host
    return str(address.ipv4_mapped or ip_network((address.packed, _HOUSEHOLD), strict=False))
