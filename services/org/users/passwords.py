"""Hashes of passwords, made and checked beside the other calls, since argon2 is slow on purpose."""

from __future__ import annotations

from eventlet import tpool
from prometheus_client import Histogram

from services.org.users.user import hash_password, password_fits

#: Each is one of argon2, of an unknown login as of a known one.
password_checks = Histogram("linli_password_check_seconds", "Time to check a password.")


def fits_hash(password: str, hashed: str | None) -> bool:
    """Takes the same time for nobody (`None`) as for somebody."""
    with password_checks.time():
        return bool(tpool.execute(password_fits, password, hashed))


def hash_of(password: str, login: str, field: str = "password") -> str:
    """Raises `Invalid` (of the `field`) for a password that is too easy."""
    hashed: str = tpool.execute(hash_password, password, login, field)
    return hashed
