from __future__ import annotations

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import Unauthenticated
from chassis.security.principal import Principal
from chassis.security.principal_token import LIFETIME, Verifier, sign

KEY = Ed25519PrivateKey.generate()
OFFICER = Principal(
    tenant="wuhai",
    subject="u-lan",
    roles=frozenset({"street", "inspector"}),
    area="/1503/150302/",
    unit="150302011",
    post="p-1",
    purposes=frozenset({"handling"}),
)


class Now:
    def __init__(self) -> None:
        self.seconds = 1_000_000.0

    def __call__(self) -> float:
        return self.seconds


words = st.text(max_size=20)
principals = st.builds(
    Principal,
    tenant=words,
    subject=words,
    roles=st.frozensets(words, max_size=4),
    area=words,
    unit=words,
    post=words,
    purposes=st.frozensets(words, max_size=4),
)


@given(principals)
def test_a_principal_arrives_as_it_was_signed(principal: Principal) -> None:
    assert Verifier(KEY.public_key()).verify(sign(principal, KEY)) == principal


def test_a_token_ends_even_when_it_is_remembered() -> None:
    now = Now()
    verifier = Verifier(KEY.public_key(), now=now)
    token = sign(OFFICER, KEY, now=now)
    assert verifier.verify(token) == OFFICER
    now.seconds += LIFETIME
    for _ in range(2):
        with pytest.raises(Unauthenticated):
            verifier.verify(token)


def test_a_token_signed_by_another_key_names_nobody() -> None:
    with pytest.raises(Unauthenticated):
        Verifier(KEY.public_key()).verify(sign(OFFICER, Ed25519PrivateKey.generate()))


def test_a_token_changed_on_the_way_names_nobody() -> None:
    header, _, signature = sign(OFFICER, KEY).split(".")
    other = sign(Principal(tenant="yaan", subject="u-lan"), KEY).split(".")[1]
    with pytest.raises(Unauthenticated):
        Verifier(KEY.public_key()).verify(f"{header}.{other}.{signature}")


@pytest.mark.parametrize(
    "claims",
    [
        {"tenant": "wuhai", "sub": "u", "exp": 9e9, "aud": "linli.people"},
        {"tenant": "wuhai", "sub": "u", "exp": 9e9},
        {"tenant": "wuhai", "sub": "u", "aud": "linli.services"},
        {"sub": "u", "exp": 9e9, "aud": "linli.services"},
        {"tenant": "wuhai", "sub": "u", "exp": 9e9, "aud": "linli.services", "roles": 7},
    ],
)
def test_a_token_for_somebody_else_or_without_its_claims_names_nobody(claims: dict[str, object]) -> None:
    with pytest.raises(Unauthenticated):
        Verifier(KEY.public_key()).verify(jwt.encode(claims, KEY, algorithm="EdDSA"))


@pytest.mark.parametrize("token", ["", "a.b.c", jwt.encode({"sub": "u"}, None, algorithm="none")])
def test_what_is_no_signed_token_names_nobody(token: str) -> None:
    with pytest.raises(Unauthenticated):
        Verifier(KEY.public_key()).verify(token)
