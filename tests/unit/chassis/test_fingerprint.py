"""What is stored of a request tells a repeated one from another, and nothing else."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from chassis.context import fingerprint

ARGUMENTS = st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=4)


@given(ARGUMENTS)
def test_a_repeated_request_has_the_same_one_in_whatever_order(arguments: dict[str, str]) -> None:
    turned = dict(reversed(arguments.items()))
    assert fingerprint("open", turned, "k-1") == fingerprint("open", arguments, "k-1")


def test_whoever_does_not_know_the_key_cannot_try_what_was_asked() -> None:
    number = {"identity_number": "990000195001010007"}
    assert fingerprint("record_resident", number, "k-1") != fingerprint("record_resident", number, "k-2")


def test_another_request_with_the_key_has_another_one() -> None:
    assert len({fingerprint(method, {"n": n}, "k") for method in ("open", "close") for n in (1, 2)}) == 4
