"""What the demo city knows of its households' needs, and a form that asks for the rest (一表通)."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from launcher.api import Api
from launcher.demo.loading import Body, Loader
from vocabulary.care import COLOURS, NEEDS

_HOUSEHOLDS, _OLD, _DAYS = 60, 65, 14
_ZONE = ZoneInfo("Asia/Shanghai")
_FIELDS: list[Body] = [
    {
        "code": "housing_kind", "zh": "住房性质", "en": "Kind of housing", "about": "dwelling", "kind": "choice",
        "choices": [
            {"code": "own", "zh": "自有", "en": "Owned"},
            {"code": "rented", "zh": "租住", "en": "Rented"},
            {"code": "empty", "zh": "空置", "en": "Empty"},
        ],
        "holds_months": 12,
    },
    {"code": "rooms", "zh": "房间数", "en": "Rooms", "about": "dwelling", "kind": "whole"},
    {
        "code": "rent_month", "zh": "月租金", "en": "Rent of a month", "about": "dwelling", "kind": "decimal",
        "measure": "元", "sensitivity": "sensitive", "holds_months": 12,
    },
    {"code": "heating_checked", "zh": "供暖检查日期", "en": "Heating checked on", "about": "dwelling", "kind": "date",
     "holds_months": 12},
]  # fmt: skip
_FORM: Body = {
    "title": "房屋基本情况采集表",
    "about": "dwelling",
    "minutes": 8,
    "questions": [
        {"field": "housing_kind", "section": "基本情况", "required": True},
        {"field": "rooms", "section": "基本情况", "least": 1, "most": 30},
        {"field": "rent_month", "section": "租住情况", "only_if": {"field": "housing_kind", "among": ["rented"]}},
        {"field": "heating_checked", "section": "供暖"},
    ],
}


def load(city: Loader, community: Api, street: Api, centre: Api, area: str) -> None:
    """`area`: the community whose grids get the form."""
    carer = Loader(community, city.tenant, city.show)
    households = community.get(f"/v1/households?area={area}&limit={_HOUSEHOLDS}")["items"]
    cards = [(each["id"], COLOURS[number % len(COLOURS)].code) for number, each in enumerate(households)]
    carer.each("cards", cards, lambda card: carer.post(f"/v1/households/{card[0]}/card", colour=card[1]))
    old = community.get(f"/v1/residents?area={area}&age_from={_OLD}&limit={_HOUSEHOLDS}")["items"]
    needs: list[Body] = [
        {"resident": each["id"], "need": NEEDS[number % len(NEEDS)].code, "level": number % 3 + 1, "source": "入户走访"}
        for number, each in enumerate(old)
    ]
    carer.post_all("needs", "/v1/needs", needs)
    _give_form(Loader(centre, city.tenant, city.show), Loader(street, city.tenant, city.show), area)


def _give_form(centre: Loader, street: Loader, area: str) -> None:
    centre.post_all("fields", "/v1/fields", _FIELDS)
    form = street.post("/v1/forms", **_FORM)["id"]
    street.post(f"/v1/forms/{form}/publish")
    today = datetime.now(_ZONE).replace(hour=18, minute=0, second=0, microsecond=0)
    street.post(f"/v1/forms/{form}/tasks", area=area, due=(today + timedelta(days=_DAYS)).isoformat())
