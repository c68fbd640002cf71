"""Masking hides names, numbers and the personal data in texts."""

from __future__ import annotations

import pytest

from chassis.security.masking import mask


@pytest.mark.domain("Privacy: sealed fields")
@pytest.mark.parametrize(
    ("name", "text", "shown"),
    [
        ("name", "王小明", "王**"),
        ("phone", "13900000001", "139****0001"),
        ("phone", "62345678", "******78"),
        ("phone", "110", "**0"),
        ("phone", "1", "*"),
        ("text", "井盖坏了,电话13900000001,请回电", "井盖坏了,电话***,请回电"),
        ("text", "身份证 11010119900307001X", "身份证 ***"),
        ("text", "座机 0473-123 4567", "座机 ***"),
        ("text", "3号楼 2 单元 1201 室,2026-03-02 起", "3号楼 2 单元 1201 室,*** 起"),
        ("text", "3号楼 2 单元", "3号楼 2 单元"),
        ("text", "电话 139.0000.0001 或 139－0000－0001", "电话 *** 或 ***"),
        ("text", "电话 139  0000  0001、１３９００００００１", "电话 ***、***"),
    ],
)
def test_a_masked_view_hides_names_and_long_numbers(name: str, text: str, shown: str) -> None:
    assert mask(name, text) == shown
