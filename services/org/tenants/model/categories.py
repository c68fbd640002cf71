"""Reference data: the standard categories, i.e. components and events of GB/T 30428, disputes, and service requests.

A code is `<kind>.<group>.<item>`. Item numbers differ between editions of the standard, so the codes here are words;
a tenant that reports by number defines categories of its own with those numbers.
"""

from __future__ import annotations

from collections.abc import Iterable

from services.org.api.settings import Category

# group code: items (code, zh, en, priority if not P3)
_COMPONENTS: dict[str, tuple[tuple[str, ...], ...]] = {
    "utility": (  # 公用设施
        ("manhole-cover", "井盖", "Manhole cover", "P2"),
        ("storm-drain", "雨水箅子", "Storm drain grate"),
        ("fire-hydrant", "消防设施", "Fire hydrant", "P2"),
        ("street-lamp", "路灯", "Street lamp"),
        ("power-line", "电力设施", "Power line or box", "P2"),
        ("gas-pipe", "燃气设施", "Gas installation", "P1"),
        ("water-pipe", "供水设施", "Water main", "P2"),
        ("heating-pipe", "供热设施", "Heating pipe", "P2"),
        ("fitness-equipment", "健身设施", "Outdoor fitness equipment"),
    ),
    "road": (  # 道路交通
        ("pavement", "路面", "Road surface"),
        ("footpath", "人行道", "Footpath"),
        ("traffic-light", "交通信号灯", "Traffic light", "P2"),
        ("traffic-sign", "交通标志牌", "Traffic sign"),
        ("guard-rail", "护栏", "Guard rail"),
        ("bus-stop", "公交站亭", "Bus stop"),
    ),
    "appearance": (  # 市容环境
        ("public-toilet", "公共厕所", "Public toilet"),
        ("waste-station", "垃圾间", "Waste station"),
        ("litter-bin", "果皮箱", "Litter bin"),
        ("signboard", "广告招牌", "Shop sign or hoarding"),
    ),
    "greenery": (  # 园林绿化
        ("street-tree", "行道树", "Street tree"),
        ("green-space", "绿地", "Green space"),
        ("park-bench", "街头坐椅", "Park bench"),
    ),
    "other": (("other", "其他部件", "Other component"),),  # 其他
}
_EVENTS: dict[str, tuple[tuple[str, ...], ...]] = {
    "appearance": (  # 市容环境
        ("uncollected-waste", "暴露垃圾", "Uncollected waste"),
        ("construction-waste", "积存渣土", "Dumped construction waste"),
        ("illegal-building", "私搭乱建", "Building without a permit", "P4"),
        ("blocked-passage", "占用消防通道", "Blocked fire lane", "P2"),
        ("blocked-sewer", "污水外溢", "Overflowing sewer", "P2"),
        ("noise", "噪声扰民", "Noise"),
        ("dust", "扬尘污染", "Dust"),
        ("snow", "积雪结冰", "Snow and ice", "P2"),
        ("stray-animal", "犬只扰民", "Dog or stray animal"),
    ),
    "advertising": (  # 宣传广告
        ("bill-posting", "非法小广告", "Illegal bill posting", "P4"),
        ("banner", "违规横幅", "Banner without a permit", "P4"),
    ),
    "construction": (  # 施工管理
        ("night-work", "夜间施工", "Construction at night"),
        ("unsafe-site", "施工隐患", "Unsafe construction site", "P2"),
        ("road-works", "占道施工", "Road works without a permit"),
    ),
    "emergency": (  # 突发事件
        ("gas-leak", "燃气泄漏", "Gas leak", "P1"),
        ("fire", "火灾", "Fire", "P1"),
        ("road-collapse", "路面塌陷", "Road collapse", "P1"),
        ("water-outage", "停水", "Water outage", "P2"),
        ("power-outage", "停电", "Power outage", "P2"),
        ("heating-outage", "停暖", "Heating outage", "P2"),
        ("flooding", "内涝积水", "Flooding", "P1"),
    ),
    "street": (  # 街面秩序
        ("illegal-parking", "机动车乱停放", "Illegal parking"),
        ("bicycle-parking", "非机动车乱停放", "Bicycles in the way"),
        ("street-vending", "流动摊点", "Street vending"),
        ("shop-overflow", "店外经营", "Shop blocking the pavement"),
        ("charging-indoors", "电动车违规充电", "E-bike charged indoors", "P2"),
    ),
}
_DISPUTES: dict[str, tuple[tuple[str, ...], ...]] = {
    "neighbour": (("neighbour", "邻里纠纷", "Between neighbours"),),
    "labour": (("wages", "劳资纠纷", "Unpaid wages"),),
    "property": (("management", "物业纠纷", "With the property company"),),
    "demolition": (("compensation", "拆迁纠纷", "Over demolition"),),
}
_SERVICES: dict[str, tuple[tuple[str, ...], ...]] = {
    "mediation": (("mediation", "申请调解", "Mediation"),),
    "care": (("care", "关爱帮扶", "Care and help"),),
    "policy": (("question", "政策咨询", "Policy question"),),
}


def _standard() -> list[Category]:
    groups_of_kind = {"component": _COMPONENTS, "event": _EVENTS, "dispute": _DISPUTES, "service": _SERVICES}
    return [
        Category(
            code=f"{kind}.{group}.{item[0]}",
            zh=item[1],
            en=item[2],
            priority=item[3] if len(item) > 3 else "P3",  # type: ignore[arg-type]
            on_site=kind in ("component", "event"),
            personal=item[0] == "wages",
        )
        for kind, groups in groups_of_kind.items()
        for group, items in groups.items()
        for item in items
    ]


STANDARD = _standard()


def with_standard(custom: Iterable[Category]) -> list[Category]:
    """Returns the standard categories, replaced or extended by the tenant's own."""
    return list({category.code: category for category in [*STANDARD, *custom]}.values())
