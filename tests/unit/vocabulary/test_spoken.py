"""Local times and names of sentences, whatever service says them."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from vocabulary import spoken

NEW_YEAR = datetime(2026, 12, 31, 16, 30, tzinfo=UTC)  # 2027 in China, 2026 in New York


class Spoken(spoken.Spoken):
    """Records whose names are their keys, and a category."""

    places = ({"water": "区水务局", "150302": "海勃湾区"}, {"150302": "第一网格", "nameless": ""})  # type: ignore[assignment]

    def __init__(self, zone: str, now: datetime) -> None:
        self.zone, self.asked = zone, [""] * 0
        super().__init__(SimpleNamespace(context=SimpleNamespace(tenant="wuhai", now=now), rows=self.rows))  # type: ignore[arg-type]

    def rows(self, model: dict[str, str], where: dict[str, str], fields: list[str], limit: int) -> list[dict[str, Any]]:
        key = where["_id"].removeprefix("wuhai:")
        self.asked.append(key)
        return [{"name": model[key]}] if key in model else []

    def _category(self, code: str) -> spoken.Names:
        return {"en": "Street lamp", "zh-CN": "路灯"} if code == "lamp" else {}

    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.zone)


@pytest.mark.parametrize(
    ("zone", "now", "en", "zh"),
    [
        ("Asia/Shanghai", datetime(2026, 11, 29, tzinfo=UTC), "1 Jan 2027, 00:30", "2027年1月1日 00:30"),
        ("Asia/Shanghai", datetime(2026, 12, 31, 16, tzinfo=UTC), "1 Jan, 00:30", "1月1日 00:30"),
        ("America/New_York", datetime(2026, 11, 29, tzinfo=UTC), "31 Dec, 11:30", "12月31日 11:30"),
    ],
)
def test_a_moment_is_said_in_local_time_with_the_year_if_it_is_another(
    zone: str, now: datetime, en: str, zh: str
) -> None:
    words = Spoken(zone, now)
    assert (words.time(NEW_YEAR, "en"), words.time(NEW_YEAR, "zh-CN")) == (en, zh)


@pytest.mark.parametrize(
    ("kind", "code", "name"),
    [
        ("unit", "water", "区水务局"),
        ("place", "/1503/150302/", "海勃湾区"),
        ("unit", "150302", "海勃湾区"),
        ("category", "lamp", "路灯"),
        ("category", "other", ""),
        ("unit", "gas", ""),
        ("place", "nameless", ""),
        ("place", "/", ""),
    ],
)
def test_a_code_is_said_by_its_name_or_not_at_all(kind: str, code: str, name: str) -> None:
    assert Spoken("Asia/Shanghai", NEW_YEAR).name(kind, code, "zh-CN") == name


def test_a_name_is_read_once_for_both_languages() -> None:
    words = Spoken("Asia/Shanghai", NEW_YEAR)
    assert {words.name("unit", "water", language) for language in ("en", "zh-CN", "en")} == {"区水务局"}
    assert words.asked == ["water"]
