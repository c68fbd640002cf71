"""Access control: the roles, what there is to be allowed, and how much each role sees. Who may do what is in
`vocabulary.rights`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from vocabulary.terms import Term


class Role(Term):
    """A role of a user; a row of the table."""

    RESIDENT = "resident", "resident", "居民"
    COURIER = "courier", "courier", "外卖骑手"
    GRID_WORKER = "grid_worker", "grid worker", "网格员"
    GRID_LEADER = "grid_leader", "grid leader", "网格长"
    COUNTER = "counter", "counter", "窗口"
    HOTLINE = "hotline", "hotline", "热线"
    COMMUNITY = "community", "community", "社区"
    STREET = "street", "street", "街道"
    CENTRE = "centre", "centre", "网格中心"
    DEPARTMENT = "department", "department", "部门"
    INSPECTOR = "inspector", "inspector", "核查员"
    SUPERVISOR = "supervisor", "supervisor", "监督员"
    TENANT_ADMIN = "tenant_admin", "tenant admin", "管理员"
    OPERATOR = "operator", "operator", "运维人员"


class Permission(Term):
    """What somebody may do: a row of `vocabulary.rights`."""

    READ_CASE = "read_case", "read a case", "查看案件"
    COMMENT = "comment", "comment on a case", "发表意见"
    READ_COMMENTS = "read_comments", "read the comments on a case", "查看意见"
    ADD_PHOTO = "add_photo", "add a photo", "上传照片"
    # the steps of a case
    REPORT = "report", "report a matter", "上报"
    VERIFY = "verify", "verify a report", "核实"
    SELF_RESOLVE = "self_resolve", "solve on the spot", "当场解决"
    REGISTER = "register", "register a case", "立案"
    SCREEN = "screen", "screen a confidential report for what others may read", "脱敏"
    ESCALATE = "escalate", "pass a case one tier up", "上报上级"
    DISPATCH = "dispatch", "dispatch to a unit", "派单"
    MERGE = "merge", "merge registered cases, or separate them", "并案、拆分"
    WHISTLE = "whistle", "whistle for units", "吹哨"
    WHISTLE_BY_TABLE = "whistle_by_table", "whistle for the units that the whistle table allows", "按吹哨清单吹哨"
    INVITE_MEMBERS = "invite_members", "invite party members", "吹哨党员报到"
    SETTLE_CALL = "settle_call", "release or grade a unit that was whistled for", "解除吹哨、评分"
    REPORT_IN = "report_in", "report in after a whistle, or dispute it", "报到、对吹哨提出异议"
    TAKE_ON = "take_on", "handle a matter of their own area themselves", "自办"
    HANDLE = "handle", "handle a case that their unit leads", "处置"
    ASSIGN = "assign", "give out work and sub-tasks of a case that their unit leads", "分派任务"
    DO_SUB_TASK = "do_sub_task", "handle a sub-task", "处置子任务"
    WAIVE_SUB_TASK = "waive_sub_task", "waive a sub-task", "豁免子任务"
    NOTE_PROGRESS = "note_progress", "note progress", "记录进展"
    ANSWER_REPORTER = "answer_reporter", "answer the reporter", "答复诉求人"
    GRANT = "grant", "grant or refuse what the lead asks for", "审批"
    RULE = "rule", "rule on a dispute between units", "裁定"
    RECOMPUTE = "recompute", "recompute the limits of a case", "重新计算时限"
    VOID = "void", "void a case", "作废"
    NAME_INSPECTOR = "name_inspector", "name an inspector", "指派核查员"
    INSPECT = "inspect", "inspect a result, or call the party back", "核查、回访"
    CALL_BACK = "call_back", "call back whoever was promised it, or is to rate", "回访"
    RATE = "rate", "rate a result", "评价"
    PURSUE = "pursue", "object, or have a case reopened", "异议、重办"
    WITHDRAW = "withdraw", "withdraw a report", "撤单"
    URGE = "urge", "urge an answer", "催办"
    SUPERVISE = "supervise", "open or close supervision", "督办"
    IMPORT_CASES = "import_cases", "import cases from another system", "导入案件"
    # beside the steps of a case
    OPEN_TICKET = "open_ticket", "open a ticket at the counter", "开立工单"
    READ_TICKET = "read_ticket", "read a ticket", "查看工单"
    FIND_TICKET = "find_ticket", "find a ticket by its receipt, or link it to its case", "凭回执查找工单、关联案件"
    SERVE_ITEM = "serve_item", "serve an item of a ticket", "办理工单事项"
    TAKE_CALL = "take_call", "record a call", "记录来电"
    FIND_CALLER = "find_caller", "find the open cases of a caller", "查找来电人未结案件"
    PROMISE_CALLBACK = "promise_callback", "promise a callback", "登记待回访"
    PLAN_ROSTER = "plan_roster", "plan the roster of the hotline", "排班"
    READ_ROSTER = "read_roster", "read the roster of the hotline", "查看排班"
    EDIT_KNOWLEDGE = "edit_knowledge", "edit the knowledge base", "编辑知识库"
    CONVENE = "convene", "convene a deliberation", "召集议事会"
    HOLD_DELIBERATION = "hold_deliberation", "record, decide or cancel a deliberation", "记录、议定、取消议事会"
    READ_DELIBERATION = "read_deliberation", "read a deliberation", "查看议事会"
    OPEN_MEDIATION = "open_mediation", "open a mediation", "启动调解"
    MEDIATE = "mediate", "lead a mediation as its mediator", "主持调解"
    TAKE_PART = "take_part", "read a mediation, and act in it as a party", "参加调解"
    SUGGEST_DUPLICATES = "suggest_duplicates", "look for possible duplicates of a report", "查找重复案件"
    SUGGEST_UNITS = "suggest_units", "get suggestions of units to dispatch to", "推荐承办单位"
    READ_DAILY_REPORT = "read_daily_report", "read the daily report", "查看日报"
    READ_INDICATORS = "read_indicators", "read indicators and hot spots", "查看指标"
    HOLD_ACCOUNTABLE = "hold_accountable", "open an accountability proceeding", "启动问责"
    ANSWER_PROCEEDING = "answer_proceeding", "be heard in a proceeding, or appeal", "陈述、申诉"
    CONCLUDE = "conclude", "conclude a review or an accountability proceeding", "作出结论"
    RULE_ON_APPEAL = "rule_on_appeal", "rule on an appeal", "裁定申诉"
    READ_PROCEEDINGS = "read_proceedings", "read reviews and accountability proceedings", "查看复核与问责"
    # residents and where they live
    FIND_RESIDENTS = "find_residents", "find dwellings, households and residents, masked", "查询人房信息（脱敏）"
    KEEP_RESIDENTS = "keep_residents", "record dwellings, households and residents", "采集人房信息"
    OPEN_RESIDENT = "open_resident", "read what is sealed about a resident, for a purpose", "按用途查看居民信息"
    IMPORT_RESIDENTS = "import_residents", "import residents from another register", "导入居民名册"
    MERGE_RESIDENTS = "merge_residents", "merge the records of one person, or separate them", "合并、拆分居民档案"
    KEEP_NEEDS = "keep_needs", "record needs, and plan and record visits", "登记需求、安排和记录走访"
    KEEP_CATEGORIES = "keep_categories", "keep the categories of residents", "管理居民类别"
    READ_MANAGED = "read_managed", "read or end statutory management, for that purpose", "按用途查看、终止法定管理"
    PROPOSE_MANAGED = "propose_managed", "propose statutory management, for that purpose", "按用途提请法定管理"
    APPROVE_MANAGED = "approve_managed", "decide on statutory management, for that purpose", "按用途审批、复核法定管理"
    # the rights of residents
    JOIN_RESIDENTS = (
        "join_residents", "join sign-ins to residents, and register representatives, who show proof",
        "凭证明关联居民账号、登记代理人",
    )  # fmt: skip
    ISSUE_JOIN_CODES = "issue_join_codes", "issue the code by which residents join their record", "发放关联码"
    REDEEM_JOIN_CODES = "redeem_join_codes", "join their record by its code", "凭关联码关联本人档案"
    EXERCISE_RIGHTS = (
        "exercise_rights", "see, copy and have corrected what is held about them", "查阅、复制、更正本人信息",
    )  # fmt: skip
    ANSWER_RIGHTS_REQUESTS = (
        "answer_rights_requests", "answer what residents request about their data", "答复居民个人信息请求",
    )  # fmt: skip
    FOLLOW_UP_READING = "follow_up_reading", "follow up alerts of unusual reading", "核查异常查阅提醒"
    # one table
    KEEP_DICTIONARY = "keep_dictionary", "keep the dictionary of fields", "维护数据项字典"
    MAKE_FORMS = "make_forms", "make forms", "设计表单"
    GIVE_FORMS = "give_forms", "give forms to an area, and read the progress", "下发表单、查看进度"
    MAP_COLUMNS = "map_columns", "map the columns of tables to fields", "设置表格列映射"
    IMPORT_VALUES = "import_values", "import values of fields from tables", "导入数据项表格"
    MAKE_REPORTS = "make_reports", "define reports of ledgers", "设计台账报表"
    USE_FORMS_APP = "use_forms_app", "fill in forms with an app on their own device", "用本人设备上的应用填报"
    # the city and its people
    LOOK_UP = "look_up", "look up divisions, units, posts and published answers", "查询区划、单位、岗位和知识库"
    DECLARE_EMERGENCY = "declare_emergency", "declare or end emergency mode", "启动、结束应急状态"
    MANAGE_ASSIGNMENT = "manage_assignment", "read an assignment, or declare an absence", "查看任职、登记离岗"
    READ_USER = "read_user", "read the name, login and phone of a user", "查看用户信息"
    ADMINISTER = "administer", "administer settings, posts and users", "管理设置、岗位与用户"
    OPERATE = "operate", "open a city, or have its state sent again", "开通城市、重发数据"


class Purpose(Term):
    """The purpose for which personal data may be seen."""

    INTAKE = "intake", "intake", "受理"
    HANDLING = "handling", "handling", "处置"
    CALLBACK = "callback", "callback", "回访"
    INSPECTION = "inspection", "inspection", "核查"
    REGISTRATION = "registration", "keeping the record of residents", "人房信息采集"
    CARE = "care", "care", "帮扶走访"
    MANAGED = "managed", "statutory management", "法定管理"


class Duties(NamedTuple):
    """How much of what they may read a role sees: `sees` is the widest scope of cases, `masked` hides personal data,
    `purposes` open it."""

    sees: str
    purposes: frozenset[Purpose] = frozenset()
    masked: bool = False


_INTAKE, _HANDLING, _CALLBACK = (
    frozenset({Purpose.INTAKE}),
    frozenset({Purpose.HANDLING}),
    frozenset({Purpose.CALLBACK}),
)

_RESIDENTS = frozenset({Purpose.REGISTRATION, Purpose.CARE})
_MANAGED = frozenset({Purpose.MANAGED})

DUTIES: Mapping[str, Duties] = {
    Role.RESIDENT: Duties("own"),
    Role.COURIER: Duties("own"),
    Role.GRID_WORKER: Duties("grid", _INTAKE | _HANDLING | _RESIDENTS),
    Role.GRID_LEADER: Duties("grid", _INTAKE | _HANDLING | _RESIDENTS),
    Role.COUNTER: Duties("own_tickets", _INTAKE),
    Role.HOTLINE: Duties("tenant", _INTAKE | _CALLBACK, masked=True),
    Role.COMMUNITY: Duties("community", _INTAKE | _HANDLING | _RESIDENTS | _MANAGED),
    Role.STREET: Duties("street", _INTAKE | _HANDLING | _CALLBACK | _RESIDENTS | _MANAGED),
    Role.CENTRE: Duties("county", _INTAKE | _HANDLING | _CALLBACK),
    Role.DEPARTMENT: Duties("cases_of_the_unit", _HANDLING),
    Role.INSPECTOR: Duties("assigned", frozenset({Purpose.INSPECTION})),
    Role.SUPERVISOR: Duties("county", masked=True),
    Role.TENANT_ADMIN: Duties("none"),
}

#: Roles of those who report for themselves: they are not staff.
REPORTERS = frozenset({Role.RESIDENT, Role.COURIER})
GRID_ROLES = (Role.GRID_WORKER, Role.GRID_LEADER)
STAFF = frozenset(DUTIES) - REPORTERS - {Role.TENANT_ADMIN}
MASKED = frozenset(role for role, duties in DUTIES.items() if duties.masked)


def purposes_of(roles: Iterable[str]) -> frozenset[str]:
    """Returns every purpose for which at least one of the roles may see personal data."""
    return frozenset().union(*(DUTIES[role].purposes for role in roles))
