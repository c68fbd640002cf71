"""Settings of the gateway, read once from the environment. No secret has a default."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_network

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from chassis.settings import BadSetting, MissingSetting, Settings

#: Limits of a sign-in's lifetime, in seconds.
_SHORTEST_SESSION, _LONGEST_SESSION = 15 * 60, 8 * 3600
_WHOLE = re.compile("[0-9]{1,9}")


class TrustedIssuer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An OpenID Connect issuer, trusted for these tenants only."""

    issuer: str
    audience: str
    tenants: list[str]


@dataclass(frozen=True, repr=False)
class GatewaySettings:
    """Settings. `repr` is off because some are secret. Sizes are in bytes, times in seconds."""

    amqp_uri: str
    port: int
    ops_port: int
    host: str
    public_url: str
    trusted_proxies: list[str]
    principal_key: Ed25519PrivateKey
    session_key: Ed25519PrivateKey
    operator_key: bytes
    session_seconds: int
    issuers: list[TrustedIssuer]
    cors_origins: list[str]
    rate_limit: str
    sign_in_limit: str
    address_limit: str
    anonymous_limit: str
    calls: int
    uploads: int
    imports: int
    streams: int
    address_connections: int
    header_timeout: int
    body_timeout: int
    body_min_rate: int
    send_timeout: int
    request_bytes: int
    photo_bytes: int
    log_level: str
    chassis: Settings

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> GatewaySettings:
        """Reads the settings. Raises `MissingSetting` or `BadSetting`, which name the variable."""
        port = _number(environment, "LINLI_GATEWAY_PORT", 8000)
        return cls(
            amqp_uri=_need(environment, "AMQP_URI", "the broker, as the gateway's own user"),
            port=port,
            ops_port=_number(environment, "LINLI_OPS_PORT", 9000),
            host=environment.get("LINLI_GATEWAY_HOST", "0.0.0.0"),
            public_url=environment.get("LINLI_PUBLIC_URL", f"http://127.0.0.1:{port}").rstrip("/"),
            trusted_proxies=_networks(environment, "LINLI_TRUSTED_PROXIES", "127.0.0.1"),
            principal_key=_key(environment, "LINLI_PRINCIPAL_PRIVATE_KEY_FILE", "the key that signs principals"),
            session_key=_key(environment, "LINLI_SESSION_PRIVATE_KEY_FILE", "the key that signs sign-ins"),
            operator_key=_operator_key(environment),
            session_seconds=_session_seconds(environment),
            issuers=_issuers(environment),
            cors_origins=_words(environment, "LINLI_CORS_ORIGINS"),
            rate_limit=environment.get("LINLI_RATE_LIMIT", "2000/second"),
            sign_in_limit=environment.get("LINLI_SIGN_IN_LIMIT", "20/minute"),
            # A whole office signs in from one address in the morning.
            address_limit=environment.get("LINLI_ADDRESS_LIMIT", "300/minute"),
            anonymous_limit=environment.get("LINLI_ANONYMOUS_LIMIT", "60/minute"),
            calls=_number(environment, "LINLI_CALLS", 4096, least=8),
            uploads=_number(environment, "LINLI_UPLOADS", 64, least=8),
            imports=_number(environment, "LINLI_IMPORTS", 64, least=8),
            streams=_number(environment, "LINLI_STREAMS", 1000, least=8),
            address_connections=_number(environment, "LINLI_ADDRESS_CONNECTIONS", 500, least=1),
            header_timeout=_number(environment, "LINLI_HEADER_TIMEOUT", 10, least=1, most=600),
            body_timeout=_number(environment, "LINLI_BODY_TIMEOUT", 20, least=1, most=600),
            body_min_rate=_number(environment, "LINLI_BODY_MIN_RATE", 4096, least=1),
            send_timeout=_number(environment, "LINLI_SEND_TIMEOUT", 60, least=1, most=600),
            request_bytes=_number(environment, "LINLI_REQUEST_BYTES", 256 * 1024),
            photo_bytes=_number(environment, "LINLI_PHOTO_BYTES", 12 * 1024 * 1024),
            log_level=environment.get("LINLI_LOG_LEVEL", "INFO"),
            chassis=_chassis(environment),
        )


def _need(environment: Mapping[str, str], name: str, purpose: str) -> str:
    if not environment.get(name):
        raise MissingSetting(name=name, purpose=purpose)
    return environment[name]


def _number(environment: Mapping[str, str], name: str, default: int, *, least: int = 0, most: int = 999_999_999) -> int:
    value = environment.get(name, str(default))
    if not _WHOLE.fullmatch(value) or not least <= int(value) <= most:
        raise BadSetting(name=name, reason=f"{value[:20]!r} is not a whole number from {least} to {most}")
    return int(value)


def _words(environment: Mapping[str, str], name: str) -> list[str]:
    return [word for word in environment.get(name, "").replace(",", " ").split() if word]


def _networks(environment: Mapping[str, str], name: str, default: str) -> list[str]:
    """Returns addresses, or networks like 10.0.0.0/8."""
    words = environment.get(name, default).replace(",", " ").split()
    try:
        return [str(ip_network(word)) for word in words]
    except ValueError as error:
        raise BadSetting(name=name, reason=str(error)) from error


def _session_seconds(environment: Mapping[str, str]) -> int:
    seconds = _number(environment, "LINLI_SESSION_SECONDS", _LONGEST_SESSION)
    if not _SHORTEST_SESSION <= seconds <= _LONGEST_SESSION:
        raise BadSetting(name="LINLI_SESSION_SECONDS", reason=f"{seconds} is not between 15 minutes and 8 hours")
    return seconds


def _issuers(environment: Mapping[str, str]) -> list[TrustedIssuer]:
    try:
        return msgspec.json.decode(environment.get("LINLI_ISSUERS", "[]"), type=list[TrustedIssuer])
    except msgspec.DecodeError as error:
        raise BadSetting(name="LINLI_ISSUERS", reason=str(error)) from error


def _operator_key(environment: Mapping[str, str]) -> bytes:
    """Returns an empty key if none is configured: the installation then has no operator."""
    name = "LINLI_OPERATOR_KEY_FILE"
    if not environment.get(name):
        return b""
    settings = Settings(service="gateway", amqp_uri="", replica="", ops_port=0, environment=environment)
    return settings.secret(name, "the operator's key").strip()


def _chassis(environment: Mapping[str, str]) -> Settings:
    """Builds the settings of chassis components such as the blob store."""
    if environment.get("LINLI_BLOBS", "gridfs") == "gridfs":
        _need(environment, "MONGODB_URI", "the database of photos, as the gateway's own user")
    return Settings(
        service="gateway",
        amqp_uri=environment.get("AMQP_URI", ""),
        replica=environment.get("LINLI_REPLICA", "gateway"),
        ops_port=_number(environment, "LINLI_OPS_PORT", 9000),
        mongodb_uri=environment.get("MONGODB_URI", ""),
        write_concern=environment.get("LINLI_WRITE_CONCERN", ""),
        clock_file=environment.get("LINLI_CLOCK_FILE", ""),
        environment=dict(environment),
    )


def _key(environment: Mapping[str, str], name: str, purpose: str) -> Ed25519PrivateKey:
    try:
        key = load_pem_private_key(_chassis(environment).secret(name, purpose), password=None)
    except ValueError as error:
        raise BadSetting(name=name, reason="it is not a private key in PEM") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise BadSetting(name=name, reason="it is not an Ed25519 key")
    return key
