"""Whole sentences of cases as a person reads them, in both languages: names and local times, no codes and no UTC."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from chassis.errors import RemoteProblem
from chassis.security.principal import Principal
from tests.integration.cases.town import LAMP, STREET_CODE, Town

BEIJING = timedelta(hours=8)


def told(town: Town, by: str | Principal, method: str, **args: Any) -> tuple[str, str]:
    """What the refusal says in English and Chinese; of a form, what is wrong with its first field."""
    with pytest.raises(RemoteProblem) as refused:
        town.ask(by, method, **args)
    wire = refused.value.wire
    for fault in wire["data"].get("fields", []):
        return fault["reason"]["en"], fault["reason"]["zh-CN"]
    return wire["en"], wire["zh"]


def said(town: Town, moment: datetime) -> tuple[str, str]:
    """The moment as the people of a city in China read it."""
    local, year = moment + BEIJING, (town.site.now + BEIJING).year
    en, zh = ("", "") if local.year == year else (f" {local.year}", f"{local.year}年")
    return f"{local.day} {local:%b}{en}, {local:%H:%M}", f"{zh}{local.month}月{local.day}日 {local:%H:%M}"


def in_progress(town: Town) -> str:
    case = town.registered()
    town.ask("street", "dispatch", case=case, lead="urban")
    town.ask("urban", "accept", case=case, handler="urban-1")
    town.ask("urban", "start", case=case)
    return case


def test_who_may_not_lead_is_named_with_the_matter(town: Town) -> None:
    case = town.registered()
    assert told(town, "street", "dispatch", case=case, lead="150302") == (
        "海勃湾区 handles no cases. Choose a unit of these kinds: community, department, street.",
        "海勃湾区不承办案件，请选择以下类型的单位：社区、部门、街道。",
    )
    en, zh = told(town, "street", "dispatch", case=case, lead="housing")
    assert en.startswith("No responsibility list gives Street lamp to 区住房城乡建设局 here. Choose a listed unit")
    assert zh == "责任清单未规定区住房城乡建设局在此承担路灯类事项，请按清单派单或提请裁定。"
    assert told(town, "community", "whistle", case=case, lead="urban", called=["urban", "housing"])[1] == (
        "吹哨清单未授权您就路灯类事项对区住房城乡建设局、区城市管理局吹哨，请提请街道吹哨。"
    )


def test_when_something_is_possible_is_said_on_the_clocks_of_the_city(town: Town) -> None:
    case = town.registered()
    town.ask("resident", "urge", case=case)
    [urged] = town.ask("resident", "get_case", case=case)["urges"]
    en, zh = said(town, datetime.fromisoformat(urged["at"]) + timedelta(days=1))
    assert told(town, "resident", "urge", case=case) == (
        f"The party urged this case within the last 24 hours and can urge it again from {en}.",
        f"24 小时内已催办过，{zh}后可再次催办。",
    )
    town.ask("street", "dispatch", case=case, lead="urban")
    due = datetime.fromisoformat(town.ask("street", "get_case", case=case)["step_due"])
    assert told(town, "street", "redirect", case=case, lead="water")[1] == (
        f"签收时限为{said(town, due)[1]}，逾期未签收方可改派。"
    )


def test_a_field_is_explained_with_names_and_local_times_too(town: Town) -> None:
    case = in_progress(town)
    due = datetime.fromisoformat(town.ask("street", "get_case", case=case)["due"])
    terms = {"what": "extension", "reason": "weather", "party_told": True}
    assert told(town, "urban", "ask", case=case, **terms, until="2026-01-01T00:00:00Z") == (
        f"must be after {said(town, due)[0]}",
        f"须晚于{said(town, due)[1]}",
    )
    returned = town.registered("neighbour")
    town.ask("street", "dispatch", case=returned, lead="urban")
    ground = {"entry": f"{LAMP}.county.1", "proposed": "housing", "reason": "not_ours"}
    assert told(town, "urban", "return_case", case=returned, **ground) == (
        f"“{LAMP}.county.1” does not name 区住房城乡建设局",
        f"清单条目“{LAMP}.county.1”未规定由区住房城乡建设局承担",
    )
    unknown = {"category": "component.utility.nothing"}
    assert told(town, "resident", "report", place={"path": "/1503/"}, text="x", **unknown)[1] == (
        "本地未设类别“component.utility.nothing”"
    )


def test_what_the_reader_typed_is_quoted_and_whose_step_it_is_is_named(town: Town) -> None:
    case = town.registered()
    town.ask("street", "dispatch", case=case, lead="urban")
    town.site.advance(timedelta(seconds=1))
    assert told(town, "urban", "accept", case=case, handler="nobody")[1] in (
        "“nobody”目前不在区城市管理局任职，请指定该单位在岗人员，或先由管理员办理任职。",
        "暂未查到“nobody”；如刚刚建立，请在 1 秒后使用相同的幂等键重试，否则请核对编号。",
    )
    assert told(town, "community", "accept", case=case, handler="community-1") == (
        "This step belongs to 区城市管理局. Ask them to take it.",
        "此步骤由区城市管理局办理，请与其联系。",
    )
    with_reason = {"reason": "no_time", "note": "x"}
    assert told(town, "centre", "void", case=case, **with_reason)[1].startswith("所填事由“no_time”不在规定范围内，")


def test_why_a_unit_is_suggested_reads_as_a_sentence(town: Town) -> None:
    suggested, other = town.ask("street", "suggest_units", case=town.registered())["items"]
    assert suggested["why"] == {
        "en": "The list of duties names 区城市管理局 as lead for Street lamp at the street tier; "
        "legal basis: 《城市照明管理规定》.",
        "zh-CN": "职责任务清单规定路灯在街道层级由区城市管理局牵头；依据：《城市照明管理规定》。",
    }
    assert other["why"]["zh-CN"].startswith("职责任务清单规定路灯在区县层级由区水务局牵头；街道层级没有更优先的条目")


def test_a_rejected_row_of_an_import_is_explained_by_names(town: Town) -> None:
    row = {"line": 2, "number": "1", "category": LAMP, "path": f"/1503/150302/{STREET_CODE}/", "state": "REGISTERED"}
    street = town.who("centre", area=f"/1503/150302/{STREET_CODE}/")
    elsewhere = {**row, "path": "/1503/150302/"}
    [rejected] = town.ask(street, "import_cases", source="old", rows=[elsewhere])["rejected"]
    assert rejected["reason"]["zh-CN"] == "该地点不在您的辖区新华街道内，请由当地网格中心或运维人员导入。"
