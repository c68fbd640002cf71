"""Parked messages: one that cannot be read is listed too."""

from __future__ import annotations

import pytest

from launcher.commands import parked


@pytest.mark.parametrize(
    "body", [b"{", b'{"id":"\xff\xfe"}', b'{"id":' + b"[" * 100_000], ids=["not JSON", "not UTF-8", "too deep"]
)
def test_a_message_that_cannot_be_read_is_listed_without_an_id(body: bytes) -> None:
    assert parked._id(body) == ""
