"""Chinese labels for the codes and phrases in the data of problems, one table per vocabulary.

A problem's data keep the codes; only its Chinese sentence uses these labels.
"""

from __future__ import annotations

from collections.abc import Mapping

from services.cases.case.acts import Act
from vocabulary.roles import Permission
from vocabulary.tiers import Tier

Labels = Mapping[str, str]

ACTS: Labels = {
    **Permission.zh_names(),
    **Act.zh_names(),
    # what a refusal names of them
    "dispute": "提出异议",
    "decide on": "批复",
    "ask for transfer": "申请转办",
    "ask for extension": "申请延期",
    "ask for suspension": "申请挂起",
    "grant transfer": "批准转办",
    "grant extension": "批准延期",
    "grant suspension": "批准挂起",
    "reassign": "重新分派",
    "waive": "豁免",
}

CASE_STATES: Labels = {
    "REPORTED": "已上报",
    "VERIFYING": "核实中",
    "REGISTERED": "已立案",
    "REJECTED": "不予受理",
    "MERGED": "已并案",
    "SELF_RESOLVED": "当场解决",
    "DISPATCHED": "已派单",
    "WHISTLED": "已吹哨",
    "RETURNED": "已退单",
    "ACCEPTED": "已签收",
    "IN_PROGRESS": "处置中",
    "SUSPENDED": "已挂起",
    "RESOLVED": "已办结",
    "INSPECTING": "核查中",
    "REWORK": "返工",
    "AWAITING_RATING": "待评价",
    "CLOSED": "已结案",
    "REOPENED": "重办",
    "WITHDRAWN": "已撤单",
    "VOIDED": "已作废",
}

CALL_STATES: Labels = {
    "CALLED": "已被吹哨",
    "REPORTED_IN": "已报到",
    "DISPUTED": "已提出异议",
    "NO_SHOW": "未按时报到",
    "RELEASED": "已解除吹哨",
    "the lead": "为本案牵头单位",
}

SUB_TASK_STATES: Labels = {
    "ASSIGNED": "已分派",
    "ACCEPTED": "已签收",
    "DONE": "已完成",
    "RETURNED": "已退回",
    "WAIVED": "已豁免",
}

TIMERS: Labels = {
    "step": "办理时限",
    "mark": "超期提醒",
    "call": "吹哨时限",
    "suspension": "挂起到期",
    "rating": "评价到期",
    "plan": "挂账到期",
    "urge": "催办时限",
    "sub_task": "子任务时限",
}

LISTS: Labels = {"duties": "职责任务清单", "public_services": "公共服务清单", "territorial": "属地管理清单"}

REQUESTS: Labels = {"transfer": "转办", "extension": "延期", "suspension": "挂起"}
REQUEST_STATES: Labels = {
    "ASKED": "待批复",
    "GRANTED": "已批准",
    "REFUSED": "未批准",
    "LAPSED": "已失效",
    "ENDED": "已结束",
}

PHOTO_STATES: Labels = {"PENDING": "待上传", "STORED": "已上传", "ATTACHED": "已使用", "REMOVED": "已删除"}
ITEM_STATES: Labels = {"OPEN": "办理中", "WAITING": "待补正", "DONE": "已办成", "REFUSED": "未予办理"}
MEDIATION_STATES: Labels = {"OPEN": "调解中", "AGREED": "已达成协议", "FULFILLED": "已履行", "FAILED": "调解未成"}
DELIBERATION_STATES: Labels = {"CONVENED": "已召集", "HELD": "已召开", "DECIDED": "已决议", "CANCELLED": "已取消"}
PROCEEDING_STATES: Labels = {
    "OPEN": "待陈述",
    "HEARD": "已陈述",
    "FOUNDED": "成立",
    "UNFOUNDED": "不成立",
    "APPEALED": "已申诉",
    "UPHELD": "维持",
    "STRUCK": "已剔除",
}

DELIBERATIONS: Labels = {
    "needs_meeting": "民情问需会",
    "four_party": "四方共议",
    "council": "大工委",
    "talk": "村民说事",
    "building_forum": "楼栋议事会",
}
INVITEES: Labels = {
    "community": "社区",
    "owners": "业主委员会",
    "property": "物业企业",
    "residents": "居民",
    "building_head": "楼长",
    "member_unit": "成员单位",
    "department": "部门",
    "other": "其他方",
}
CAPACITIES: Labels = {"party": "当事方", "mediator": "调解员", "invited": "受邀方"}

NEEDS: Labels = {
    "a reason": "理由",
    "a reason, and that the party was told": "理由，并确认已告知当事人",
    "a note": "说明",
    "a photo or note": "照片或说明",
    "photos or the answer": "照片或答复",
    "a note of the contact": "联系记录",
    "a note of what was done": "处置说明",
    "proof: photos or a note of what was done": "处置佐证（照片或处置说明）",
    "a record of the visit or call": "走访或通话记录",
    "the answer": "答复",
    "the answer that was given": "答复内容",
    "an answer to at least one question": "至少一项评价",
    "where the reporter should go": "应向何处反映",
    "a named handler": "承办人",
    "a branch or team to invite": "受邀的党支部或队伍",
    "the list entry and the unit proposed": "清单条目和建议单位",
    "a lead, since the matter lies in several streets": "牵头单位（事项涉及多个街道）",
}

OWNERS: Labels = {
    **Tier.zh_names(),
    **CAPACITIES,
    "intake": "受理人员",
    "the hotline": "热线",
    "the lead": "牵头单位",
    "the first owner": "首问责任人",
    "the units that were called": "被吹哨单位",
    "whoever called the unit": "吹哨方",
    "whoever asked for it": "上传申请人",
    "whoever took it": "拍摄人",
}

OWN_WORK: Labels = {
    "your unit leads this case": "本单位为本案牵头单位",
    "your unit handled this case": "本单位参与过本案处置",
    "your unit is a side of this dispute": "本单位为争议一方",
    "you act for this unit": "您代表该单位",
    "it is about your unit": "事项涉及本单位",
    "you concluded it": "原结论由您作出",
    "you handled this case": "您参与过本案处置",
    "the inspector handles this case": "该核查员为本案承办人",
    "your unit asks and leads": "本单位为申请单位和牵头单位",
}

NO_RETURN: Labels = {
    "it was ruled": "责任单位已经裁定",
    "this unit returned it before": "该单位已退单一次",
    "this unit handled it before": "重办案件由原牵头单位办理",
}
NO_MERGE: Labels = {
    "itself": "不能并入自身",
    "personal_claim": "个人诉求不得并案",
    "target_not_open": "所并入的案件不在办理中",
    "complaint": "两案投诉的单位不一致",
    "not_screened": "保密诉求尚未完成脱敏",
    "has_children": "已有其他案件并入本案",
}
NO_GROUNDS: Labels = {"not_founded": "复核未认定成立", "not_breached": "未超期", "not_low": "满意率未低于标准"}
WORK_LISTS: Labels = {
    "to_do": "待办",
    "mine": "我的",
    "came_back": "退回",
    "yellow_and_red": "黄红牌",
    "supervised": "督办",
}
HELD: Labels = {
    "calls": "吹哨单位数",
    "requests": "申请数",
    "sub-tasks": "子任务数",
    "supervisions": "督办数",
    "urges": "催办数",
    "steps": "步骤数",
    "characters of notes": "备注字数",
}
