"""Chinese words for the codes of a person's record, for the page that people read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from chassis.persistence.tenant_data import ALL, TenantData
from services.residents.dictionary.model import Field
from services.residents.directory.care import care_of
from services.residents.directory.replicas import zone_of
from services.residents.directory.spoken import Spoken
from vocabulary.rights_requests import RefusalReason

CODES: Mapping[str, Mapping[str, str]] = {
    "state": {"LIVING_HERE": "在此居住", "MOVED_OUT": "已迁出", "DECEASED": "已去世", "MERGED": "已合并"},
    "sex": {"0": "未知", "1": "男", "2": "女", "9": "未说明"},
    "relation": {
        "head": "户主", "spouse": "配偶", "child": "子女", "parent": "父母", "grandparent": "祖父母或外祖父母",
        "grandchild": "孙子女或外孙子女", "sibling": "兄弟姐妹", "other": "其他",
    },
    "field": {
        "recorded": "建立档案", "name": "姓名", "identity_number": "公民身份号码", "phone": "联系电话",
        "birthday": "出生日期", "sex": "性别", "household": "所属户", "state": "居住状态", "merged_into": "档案合并",
    },
    "need_state": {"OPEN": "待满足", "MET": "已满足", "ENDED": "已终止"},
    "kind": {"resource": "资源型", "service": "服务型"},
    "entry_state": {"IN_FORCE": "有效", "ENDED": "已终止", "EXPIRED": "已到期"},
    "visit": {"home": "家访", "check": "排查", "talk": "座谈"},
    "visit_state": {"PLANNED": "已安排", "MISSED": "逾期未走访", "DONE": "已走访", "CANCELLED": "已取消"},
    "request": {"correction": "更正"},
    "request_state": {"OPEN": "待答复", "ACCEPTED": "已同意", "REFUSED": "未同意", "WITHDRAWN": "已撤回"},
    "reason": RefusalReason.zh_names(),
    "proof": {
        "code": "关联码", "identity_card": "居民身份证", "household_register": "户口簿", "residence_permit": "居住证",
        "passport": "护照", "power_of_attorney": "授权委托书", "guardianship": "监护证明", "kinship": "亲属关系证明",
    },
    "source": {"correction": "依本人请求更正"},
}  # fmt: skip


@dataclass(frozen=True)
class Words:
    """`needs`: the tenant's classes of needs; `choices`: the codes of each field of the dictionary."""

    spoken: Spoken
    zone: ZoneInfo
    needs: Mapping[str, str]
    choices: Mapping[str, Mapping[str, str]]

    def place(self, area: str) -> str:
        return self.spoken.name("place", area, "zh-CN") or area

    def value(self, field: str, value: Any) -> str:
        """Returns a value of the dictionary as people say it."""
        if isinstance(value, list):
            return "、".join(self.value(field, each) for each in value)
        return self.choices.get(field, {}).get(str(value), str(value))


def words_of(data: TenantData) -> Words:
    fields = data.find(Field, {"kind": {"$in": ["choice", "choices"]}}, limit=ALL)
    choices = {field.key: {each.code: each.zh for each in field.choices} for field in fields}
    needs = {each.code: each.zh for each in care_of(data).needs}
    return Words(Spoken(data), zone_of(data), needs, choices)
