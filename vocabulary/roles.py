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


class Power(Term):
    """A permission: a column of the table, split where one cell holds two things."""

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

    powers: tuple[Power, ...]
    sees: str
    purposes: frozenset[Purpose] = frozenset()
    masked: bool = False


_INTAKE, _HANDLING, _CALLBACK = (
    frozenset({Purpose.INTAKE}),
    frozenset({Purpose.HANDLING}),
    frozenset({Purpose.CALLBACK}),
)
_PARTY = Duties((Power.REPORT, Power.RATE, Power.URGE), sees="own")
_GRID = Duties(
    (
        Power.REPORT, Power.VERIFY, Power.SELF_RESOLVE, Power.ESCALATE, Power.WHISTLE_BY_TABLE, Power.DO_SUB_TASK,
        Power.INSPECT,
    ),
    sees="grid",
    purposes=_INTAKE | _HANDLING,
)  # fmt: skip
_LEAD = (Power.REPORT, Power.ASSIGN, Power.HANDLE, Power.DO_SUB_TASK)
_DISPATCHER = (
    Power.REGISTER, Power.ESCALATE, Power.DISPATCH, Power.WHISTLE, Power.GRANT, Power.INSPECT, Power.SUPERVISE,
)  # fmt: skip

DUTIES: Mapping[str, Duties] = {
    Role.RESIDENT: _PARTY,
    Role.COURIER: _PARTY,
    Role.GRID_WORKER: _GRID,
    Role.GRID_LEADER: _GRID,
    Role.COUNTER: Duties((Power.REPORT, Power.SELF_RESOLVE, Power.URGE), sees="own_tickets", purposes=_INTAKE),
    Role.HOTLINE: Duties(
        (Power.REPORT, Power.SELF_RESOLVE, Power.REGISTER, Power.INSPECT, Power.URGE),
        sees="tenant",
        purposes=_INTAKE | _CALLBACK,
        masked=True,
    ),
    Role.COMMUNITY: Duties(
        (
            *_LEAD, Power.VERIFY, Power.SELF_RESOLVE, Power.REGISTER, Power.ESCALATE, Power.WHISTLE_BY_TABLE,
            Power.TAKE_ON,
        ),
        sees="community",
        purposes=_INTAKE | _HANDLING,
    ),
    Role.STREET: Duties(
        (*_LEAD, *_DISPATCHER, Power.VERIFY, Power.SELF_RESOLVE, Power.TAKE_ON),
        sees="street",
        purposes=_INTAKE | _HANDLING | _CALLBACK,
    ),
    # Escalation ends with these two tiers: a county's centre escalates to the city's.
    Role.CENTRE: Duties((*_LEAD, *_DISPATCHER, Power.VOID), sees="county", purposes=_INTAKE | _HANDLING | _CALLBACK),
    Role.DEPARTMENT: Duties(_LEAD, sees="cases_of_the_unit", purposes=_HANDLING),
    Role.INSPECTOR: Duties(
        (Power.REPORT, Power.VERIFY, Power.INSPECT), sees="assigned", purposes=frozenset({Purpose.INSPECTION})
    ),
    Role.SUPERVISOR: Duties((Power.READ_SUPERVISION,), sees="county", masked=True),
    Role.TENANT_ADMIN: Duties((Power.ADMINISTER,), sees="none"),
}  # fmt: skip

HOLDERS: Mapping[Power, frozenset[str]] = {
    power: frozenset(role for role, duties in DUTIES.items() if power in duties.powers) for power in Power
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
