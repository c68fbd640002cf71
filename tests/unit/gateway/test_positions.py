from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.events.positions import Position

OFFSETS = st.integers(0, 2**63 - 1)


@given(OFFSETS, st.binary())
def test_a_position_is_read_as_it_was_written(offset: int, body: bytes) -> None:
    position = Position.of(offset, body)
    assert Position.read(str(position)) == position


@given(OFFSETS, st.binary(max_size=50), st.binary(max_size=50))
def test_a_position_leads_to_its_own_entry_alone(offset: int, body: bytes, other: bytes) -> None:
    assert Position.of(offset, body).leads_to(Position.of(offset, body))
    assert Position.of(offset, body).leads_to(Position.of(offset, other)) == (body == other)
    assert not Position.of(offset, body).leads_to(Position.of(offset + 1, body))
    assert Position(offset).leads_to(Position.of(offset, body))


@pytest.mark.parametrize("text", ["", "x", "-1", "1-", "1-zz", "1-0123456", "1-012345678", "1" * 21, "١", "1\n"])
def test_anything_else_is_no_position(text: str) -> None:
    assert Position.read(text) is None
