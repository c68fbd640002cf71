"""View of a person's record as one HTML page, which needs nothing else: to be read, printed and kept.

Everything that people have written is escaped; ids of officers, which mean nothing to the person, are left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from html import escape
from typing import Any

from chassis.types import Answer
from services.residents.own_record.words import CODES, Words

_STYLE = """
body{font-family:"Songti SC",SimSun,serif;max-width:52em;margin:2em auto;padding:0 1em;line-height:1.6}
h1{text-align:center;font-size:1.5em}h2{font-size:1.1em;margin:1.5em 0 .4em}
table{border-collapse:collapse;width:100%}th,td{border:1px solid #666;padding:.3em .5em;text-align:left}
th{background:#f2f2f2;white-space:nowrap}tr{break-inside:avoid}
@media print{body{margin:0;max-width:none}}
""".strip().replace("\n", "")
#: Fields that hold a day, or the id of another record.
_DAYS, _IDS = ("birthday", "died_on", "since"), ("household", "merged_into")
_NUMBERS = "一二三四五六七八九"


def page_of(record: Answer, words: Words, now: datetime) -> str:
    """`record`: as `OwnRecord` has it."""
    sections = "".join(
        f"<h2>{number}、{title}</h2>{body}"
        for number, (title, body) in zip(_NUMBERS, _sections(record, words), strict=True)
    )
    acting = f"由代理人{escape(record['represented_by'])}代为申请。" if record["represented_by"] else ""
    return (
        '<!DOCTYPE html><html lang="zh-CN"><head><meta charset="utf-8"><title>个人信息副本</title>'
        f"<style>{_STYLE}</style></head><body><h1>个人信息副本</h1>"
        f"<p>依据《中华人民共和国个人信息保护法》第四十五条，应本人申请提供。{acting}"
        f"生成时间：{_time(now, words)}。</p>"
        f"{sections}<p>如认为上述信息不准确或者不完整，可提出更正请求。本副本含有个人信息，请妥善保管。</p></body></html>"
    )


def _sections(record: Answer, words: Words) -> Iterator[tuple[str, str]]:
    yield "基本信息", "".join(_facts(_profile(each, words)) for each in record["records"])
    yield "居住信息", _facts(_home(record["home"], words)) if record["home"] else "<p>目前未在本地登记居住。</p>"
    yield "档案变更记录", _table(("时间", "事项", "变更前", "变更后", "来源", "原因"), _history(record, words))
    yield "服务需求", _table(("类别", "程度", "起始日期", "状态", "说明", "办理情况"), _needs(record, words))
    yield (
        "类别登记",
        _table(("类型", "名称", "用途", "依据", "来源", "有效期至", "状态", "备注"), _categories(record, words)),
    )
    yield "表单数据", _table(("数据项", "内容", "填报时间", "有效期至", "现行"), _values(record, words))
    yield "走访记录", _table(("日期", "方式", "状态", "走访情况"), _visits(record))
    yield "账号关联与代理人", _table(("姓名", "凭证", "自", "至", "有效"), _acting(record, words))
    yield (
        "个人信息权利请求",
        _table(("提出时间", "请求", "答复期限", "现有内容", "请求内容", "状态", "答复"), _requests(record, words)),
    )


def _profile(each: Answer, words: Words) -> Iterator[tuple[str, Any]]:
    for field in ("name", "identity_number", "phone", "birthday"):
        yield CODES["field"][field], _said(field, each[field])
    yield "性别", _said("sex", each["sex"])
    yield "居住状态", _said("state", each["state"])
    if each["died_on"]:
        yield "去世日期", _said("died_on", each["died_on"])
    yield "登记地", words.place(each["area"])


def _home(home: Answer, words: Words) -> Iterator[tuple[str, Any]]:
    yield "所在网格或社区", words.place(home["area"])
    yield "门牌", home["address"]
    yield "与户主关系", "户主" if home["is_head"] else _said("relation", home["relation"])


def _history(record: Answer, words: Words) -> Iterator[Sequence[Any]]:
    changes = sorted((change for each in record["records"] for change in each["history"]), key=lambda each: each["at"])
    for each in changes:
        was, became = (_said(each["field"], each[side]) for side in ("was", "became"))
        source = _said("source", each["source"])
        yield _time(each["at"], words), _said("field", each["field"]), was, became, source, each["why"]


def _needs(record: Answer, words: Words) -> Iterator[Sequence[Any]]:
    for each in record["needs"]:
        need, state = words.needs.get(each["need"], each["need"]), _said("need_state", each["state"])
        yield need, each["level"], _said("since", each["since"]), state, each["note"], each["why"]


def _categories(record: Answer, words: Words) -> Iterator[Sequence[Any]]:
    for each in record["categories"]:
        until, state = _time(each["valid_until"], words), _said("entry_state", each["state"])
        notes = "；".join(filter(None, (each["note"], each["why"])))
        yield (
            _said("kind", each["kind"]), each["name"], each["aim"], each["legal_basis"], each["source"], until, state,
            notes,
        )  # fmt: skip


def _values(record: Answer, words: Words) -> Iterator[Sequence[Any]]:
    for each in record["values"]:
        until = _time(each["holds_until"], words) if each["holds_until"] else "长期"
        value, current = words.value(each["field"], each["value"]), "是" if each["current"] else "否"
        yield each["zh"], value, _time(each["given_at"], words), until, current


def _visits(record: Answer) -> Iterator[Sequence[Any]]:
    for each in record["visits"]:
        yield each["due"], _said("visit", each["kind"]), _said("visit_state", each["state"]), each["findings"]


def _acting(record: Answer, words: Words) -> Iterator[Sequence[Any]]:
    if join := record["join"]:
        yield "本人账号", _said("proof", join["proof"]), _time(join["joined_at"], words), "", "是"
    for each in record["representatives"]:
        acting = "是" if each["acting"] else "否"
        yield each["name"], _said("proof", each["proof"]), "", _time(each["until"], words), acting


def _requests(record: Answer, words: Words) -> Iterator[Sequence[Any]]:
    for each in record["requests"]:
        asked = f"{_said('request', each['kind'])}{_said('field', each['field'])}"
        by = f"（代理人{each['represented_by']}提出）" if each["represented_by"] else ""
        both = (_said(each["field"], each[side]) for side in ("held", "wanted"))
        answer = "；".join(filter(None, (_said("reason", each["reason"]), each["answer"])))
        times = _time(each["asked_at"], words), _time(each["due"], words)
        yield times[0], asked + by, times[1], *both, _said("request_state", each["state"]), answer


def _said(kind: str, code: str) -> Any:
    if kind in _DAYS and code:
        return date.fromisoformat(code)
    if kind in _IDS and code:
        return f"编号 {code}"
    return CODES.get(kind, {}).get(code, code)


def _time(moment: datetime, words: Words) -> str:
    local = moment.astimezone(words.zone)
    return f"{local.year}年{local.month}月{local.day}日 {local:%H:%M}"


def _shown(value: Any) -> str:
    if isinstance(value, date):
        return f"{value.year}年{value.month}月{value.day}日"
    return escape(str(value)) if value not in ("", None) else "—"


def _facts(rows: Iterable[tuple[str, Any]]) -> str:
    lines = "".join(f"<tr><th>{name}</th><td>{_shown(value)}</td></tr>" for name, value in rows)
    return f"<table>{lines}</table>"


def _table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    lines = "".join("<tr>" + "".join(f"<td>{_shown(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    if not lines:
        return "<p>无。</p>"
    return f"<table><tr>{''.join(f'<th>{name}</th>' for name in head)}</tr>{lines}</table>"
