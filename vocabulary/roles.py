"""Role-based access control: the roles and what each may do, the table under "Roles" in docs/domain.md as data."""

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
    """A permission: what a cell of the table allows, or a row of the table below it."""

    REPORT = "report", "report a matter", "上报"
    VERIFY = "verify", "verify a report", "核实"
    SELF_RESOLVE = "self_resolve", "solve on the spot", "当场解决"
    REGISTER = "register", "register a case", "立案"
    ESCALATE = "escalate", "pass a case one tier up", "上报上级"
    DISPATCH = "dispatch", "dispatch to a unit", "派单"
    ASSIGN = "assign", "give out work and sub-tasks of a case that their unit leads", "分派任务"
    WHISTLE = "whistle", "whistle for units", "吹哨"
    WHISTLE_BY_TABLE = "whistle_by_table", "whistle for the units that the whistle table allows", "按吹哨清单吹哨"
    HANDLE = "handle", "handle a case that their unit leads", "处置"
    TAKE_ON = "take_on", "handle a matter of their own area themselves", "自办"
    DO_SUB_TASK = "do_sub_task", "handle a sub-task", "处置子任务"
    GRANT = "grant", "grant requests and rule on disputes", "审批、裁定"
    VOID = "void", "void a case", "作废"
    INSPECT = "inspect", "inspect a result, or call the party back", "核查、回访"
    RATE = "rate", "rate a result", "评价"
    SUPERVISE = "supervise", "open supervision", "督办"
    URGE = "urge", "urge an answer", "催办"
    READ_SUPERVISION = "read_supervision", "read supervision", "查看监督"
    ADMINISTER = "administer", "administer settings, posts and users", "管理设置、岗位与用户"
    # beside the steps of a case
    SCREEN = "screen", "screen a confidential report for what others may read", "脱敏"
    IMPORT_CASES = "import_cases", "import cases from another system", "导入案件"
    OPEN_TICKET = "open_ticket", "open a ticket at the counter", "开立工单"
    TAKE_CALL = "take_call", "record a call", "记录来电"
    PROMISE_CALLBACK = "promise_callback", "promise a callback", "登记待回访"
    CALL_BACK = "call_back", "call back whoever was promised it", "回访"
    PLAN_ROSTER = "plan_roster", "plan the roster of the hotline", "排班"
    READ_ROSTER = "read_roster", "read the roster of the hotline", "查看排班"
    EDIT_KNOWLEDGE = "edit_knowledge", "edit the knowledge base", "编辑知识库"
    CONVENE = "convene", "convene a deliberation", "召集议事会"
    OPEN_MEDIATION = "open_mediation", "open a mediation", "启动调解"
    SUGGEST_DUPLICATES = "suggest_duplicates", "look for possible duplicates of a report", "查找重复案件"
    SUGGEST_UNITS = "suggest_units", "get suggestions of units to dispatch to", "推荐承办单位"
    READ_DAILY_REPORT = "read_daily_report", "read the daily report", "查看日报"
    READ_INDICATORS = "read_indicators", "read indicators and hot spots", "查看指标"
    HOLD_ACCOUNTABLE = "hold_accountable", "open an accountability proceeding", "启动问责"
    CONCLUDE = "conclude", "conclude a review or an accountability proceeding", "作出结论"
    RULE_ON_APPEAL = "rule_on_appeal", "rule on an appeal", "裁定申诉"
    READ_PROCEEDINGS = "read_proceedings", "read reviews and accountability proceedings", "查看复核与问责"


class Purpose(Term):
    """The purpose for which personal data may be seen."""

    INTAKE = "intake", "intake", "受理"
    HANDLING = "handling", "handling", "处置"
    CALLBACK = "callback", "callback", "回访"
    INSPECTION = "inspection", "inspection", "核查"


class Duties(NamedTuple):
    """What one role may do: a row of the table.

    `sees` is the widest scope of cases, `masked` hides personal data, `purposes` unmask them.
    """

    permissions: tuple[Permission, ...]
    sees: str
    purposes: frozenset[Purpose] = frozenset()
    masked: bool = False


_INTAKE, _HANDLING, _CALLBACK = (
    frozenset({Purpose.INTAKE}),
    frozenset({Purpose.HANDLING}),
    frozenset({Purpose.CALLBACK}),
)
_PARTY = Duties((Permission.REPORT, Permission.RATE, Permission.URGE), sees="own")
_ON_SITE = (
    Permission.REPORT,
    Permission.VERIFY,
    Permission.SELF_RESOLVE,
    Permission.ESCALATE,
    Permission.WHISTLE_BY_TABLE,
    Permission.DO_SUB_TASK,
    Permission.INSPECT,
    Permission.SUGGEST_DUPLICATES,
)
_AT_A_DESK = (
    Permission.REPORT,
    Permission.SELF_RESOLVE,
    Permission.URGE,
    Permission.SCREEN,
    Permission.SUGGEST_DUPLICATES,
    Permission.PROMISE_CALLBACK,
)
_LEAD = (Permission.REPORT, Permission.ASSIGN, Permission.HANDLE, Permission.DO_SUB_TASK, Permission.READ_INDICATORS)
_DIVISION = (
    *_LEAD,
    Permission.REGISTER,
    Permission.ESCALATE,
    Permission.SCREEN,
    Permission.SUGGEST_DUPLICATES,
    Permission.SUGGEST_UNITS,
    Permission.CONVENE,
    Permission.OPEN_MEDIATION,
    Permission.READ_DAILY_REPORT,
)
_DISPATCHER = (Permission.DISPATCH, Permission.WHISTLE, Permission.GRANT, Permission.INSPECT, Permission.SUPERVISE)
_DESK_KEEPER = (Permission.PLAN_ROSTER, Permission.READ_ROSTER, Permission.EDIT_KNOWLEDGE)

DUTIES: Mapping[str, Duties] = {
    Role.RESIDENT: _PARTY,
    Role.COURIER: _PARTY,
    Role.GRID_WORKER: Duties(_ON_SITE, sees="grid", purposes=_INTAKE | _HANDLING),
    Role.GRID_LEADER: Duties((*_ON_SITE, Permission.READ_INDICATORS), sees="grid", purposes=_INTAKE | _HANDLING),
    Role.COUNTER: Duties((*_AT_A_DESK, Permission.OPEN_TICKET), sees="own_tickets", purposes=_INTAKE),
    Role.HOTLINE: Duties(
        (
            *_AT_A_DESK,
            *_DESK_KEEPER,
            Permission.REGISTER,
            Permission.INSPECT,
            Permission.TAKE_CALL,
            Permission.CALL_BACK,
        ),
        sees="tenant",
        purposes=_INTAKE | _CALLBACK,
        masked=True,
    ),
    Role.COMMUNITY: Duties(
        (
            *_DIVISION,
            Permission.VERIFY,
            Permission.SELF_RESOLVE,
            Permission.WHISTLE_BY_TABLE,
            Permission.TAKE_ON,
            Permission.OPEN_TICKET,
        ),
        sees="community",
        purposes=_INTAKE | _HANDLING,
    ),
    Role.STREET: Duties(
        (*_DIVISION, *_DISPATCHER, Permission.VERIFY, Permission.SELF_RESOLVE, Permission.TAKE_ON),
        sees="street",
        purposes=_INTAKE | _HANDLING | _CALLBACK,
    ),
    # Escalation ends with these two tiers: a county's centre escalates to the city's.
    Role.CENTRE: Duties(
        (
            *_DIVISION,
            *_DISPATCHER,
            *_DESK_KEEPER,
            Permission.VOID,
            Permission.IMPORT_CASES,
            Permission.HOLD_ACCOUNTABLE,
            Permission.CONCLUDE,
            Permission.RULE_ON_APPEAL,
            Permission.READ_PROCEEDINGS,
        ),
        sees="county",
        purposes=_INTAKE | _HANDLING | _CALLBACK,
    ),
    Role.DEPARTMENT: Duties(_LEAD, sees="cases_of_the_unit", purposes=_HANDLING),
    Role.INSPECTOR: Duties(
        (Permission.REPORT, Permission.VERIFY, Permission.INSPECT),
        sees="assigned",
        purposes=frozenset({Purpose.INSPECTION}),
    ),
    Role.SUPERVISOR: Duties(
        (
            Permission.READ_SUPERVISION,
            Permission.READ_ROSTER,
            Permission.READ_DAILY_REPORT,
            Permission.READ_INDICATORS,
            Permission.READ_PROCEEDINGS,
        ),
        sees="county",
        masked=True,
    ),
    Role.TENANT_ADMIN: Duties((Permission.ADMINISTER,), sees="none"),
}

HOLDERS: Mapping[Permission, frozenset[str]] = {
    permission: frozenset(role for role, duties in DUTIES.items() if permission in duties.permissions)
    for permission in Permission
}
"""The roles that hold each permission: the same table by columns."""

#: Roles that see what lies in their area. The hotline is none of them: a caller may ask about any case, so it sees
#: the cases of the whole tenant; it only follows live events by the area of its post (`gateway.events.visibility`).
AREA_ROLES = tuple(role for role, duties in DUTIES.items() if duties.sees in {"grid", "community", "street", "county"})
#: Roles whose division is itself a unit that works on cases, also outside its area. A department is a unit alone.
UNIT_ROLES = (Role.COMMUNITY, Role.STREET, Role.CENTRE)
#: Roles of those who report for themselves: they are not staff.
REPORTERS = frozenset({Role.RESIDENT, Role.COURIER})
STAFF = frozenset(DUTIES) - REPORTERS - {Role.TENANT_ADMIN}
MASKED = frozenset(role for role, duties in DUTIES.items() if duties.masked)


def purposes_of(roles: Iterable[str]) -> frozenset[str]:
    """Returns every purpose for which at least one of the roles may see personal data."""
    return frozenset().union(*(DUTIES[role].purposes for role in roles))
