"""Password hashing (argon2id), in a thread pool: a hash takes some 30 ms on purpose and must not block other calls."""

from __future__ import annotations

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from eventlet import tpool
from prometheus_client import Histogram

from chassis.errors import Invalid
from services.org.api.users import SHORTEST_PASSWORD

# OWASP's second choice for argon2id: 19 MiB, two passes, one lane.
_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
# An unknown login is verified against this hash, so that it costs the same as a known one.
_DUMMY_HASH = _hasher.hash("nobody has this password")

#: Each check is one argon2 verification, for an unknown login as for a known one.
password_checks = Histogram("linli_password_check_seconds", "Time to check a password.")


def verify_in_thread(password: str, hashed: str | None) -> bool:
    """`verify_password` in the thread pool, timed."""
    with password_checks.time():
        return bool(tpool.execute(verify_password, password, hashed))


def hash_in_thread(password: str, login: str, field: str = "password") -> str:
    """`hash_password` in the thread pool."""
    hashed: str = tpool.execute(hash_password, password, login, field)
    return hashed


def verify_password(password: str, hashed: str | None) -> bool:
    """Returns whether the password matches the hash; takes the same time for an unknown user (`None`)."""
    try:
        _hasher.verify(hashed or _DUMMY_HASH, password)
    except VerifyMismatchError:
        return False
    return hashed is not None


def hash_password(password: str, login: str, field: str = "password") -> str:
    """Raises `Invalid` for `field` if the password is too short or contains the login."""
    if len(password) < SHORTEST_PASSWORD or login.casefold() in password.casefold():
        raise Invalid(
            (
                field,
                f"must have at least {SHORTEST_PASSWORD} characters and must not contain the login",
                f"至少 {SHORTEST_PASSWORD} 个字符，且不得包含账号名",
            )
        )
    return _hasher.hash(password)
