"""Ids and codes are read aloud and typed again: what people type differs in what the letters do not say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.ids import as_derived, derived


@given(st.text(), st.sampled_from(["{}", " {} ", "\u3000{}"]))
def test_a_code_reads_the_same_in_lower_case_and_with_blanks_and_hyphens(seed: str, around: str) -> None:
    code = derived(seed)
    for typed in (code, code.lower(), f"{code[:5]}-{code[5:]}", f"{code[:5].lower()} {code[5:]}"):
        assert as_derived(around.format(typed)) == code


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("o0Il1L", "001111"),
        ("\uff11\uff21\uff42\uff0d\uff12", "1AB2"),
        ("错码", "错码"),
        (" - ", ""),
        ("7V4Q\u2013K2\u2011M9\u200bXD", "7V4QK2M9XD"),
    ],
)
def test_letters_that_no_code_has_are_read_as_the_digits_that_they_look_like(typed: str, read: str) -> None:
    assert as_derived(typed) == read
