"""Reason lists: the codes that a tenant allows for a step, each with its names, and the standard lists."""

from __future__ import annotations

from typing import Annotated

import msgspec

from chassis.types import Form, exactly

MOST = 60
#: A reason that says nothing by itself, so it needs a note.
OTHER = "other"
#: The rejection that must say where the reporter should go instead.
ELSEWHERE = "elsewhere"


class ListedReason(Form, frozen=True, kw_only=True):
    """A listed reason, with its names for people."""

    code: Annotated[str, msgspec.Meta(pattern=exactly("[a-z][a-z0-9]*(_[a-z0-9]+)*"), max_length=40)]
    zh: Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
    en: Annotated[str, msgspec.Meta(min_length=1, max_length=80)]


ReasonList = Annotated[tuple[ListedReason, ...], msgspec.Meta(min_length=1, max_length=MOST)]


def _listed(**names: tuple[str, str]) -> tuple[ListedReason, ...]:
    return tuple(ListedReason(code=code, zh=zh, en=en) for code, (zh, en) in names.items())


_OTHER = ("其他", "Other")


class Reasons(Form, frozen=True, kw_only=True):
    """The listed reasons by step: withdrawal 撤单, rejection 不受理, return 退单, ruling 裁定, voiding 作废.

    A list that is given replaces the standard one. `elsewhere` among `rejections` must say where to go; `other` in any
    list needs a note.
    """

    withdrawals: ReasonList = _listed(
        gone=("问题已消除", "The problem is gone"),
        mistaken=("误报", "Reported by mistake"),
        duplicate=("重复上报", "Reported twice"),
        no_longer_wanted=("不再需要处理", "No longer wanted"),
        other=_OTHER,
    )
    rejections: ReasonList = _listed(
        not_public=("不属于公共事务", "Not a public matter"),
        elsewhere=("不属于本地管辖", "Not a matter of this place"),
        in_court=("已进入诉讼程序", "Before a court"),
        already_answered=("已答复", "Already answered"),
        nothing_found=("未发现所反映的问题", "Nothing was found"),
        incomplete=("信息不全", "Too little is known"),
        unlawful=("诉求不合法", "What is asked for is unlawful"),
    )
    returns: ReasonList = _listed(
        not_ours=("不属于本单位职责", "Not this unit's duty"),
        outside_area=("不在本单位管辖区域", "Outside this unit's area"),
        several_units=("须多单位共同办理", "Needs several units"),
        wrong_category=("类别有误", "The category is wrong"),
        other=_OTHER,
    )
    rulings: ReasonList = _listed(
        by_list=("依责任清单", "By the responsibility list"),
        by_law=("依法律法规", "By law"),
        by_place=("属地管理", "By place"),
        closest=("职责最相近", "The closest duty"),
        no_owner=("无明确责任单位", "No list names an owner"),
        other=_OTHER,
    )
    voidings: ReasonList = _listed(
        test_entry=("测试数据", "A test"),
        mistaken=("误录", "Entered by mistake"),
        duplicate=("重复录入", "Entered twice"),
        false_report=("虚假上报", "A false report"),
        other=_OTHER,
    )
