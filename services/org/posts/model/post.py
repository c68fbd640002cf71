"""Aggregate of posts (岗位): positions that people are assigned to. The kind of a post determines its roles."""

from __future__ import annotations

from typing import ClassVar, Literal

import msgspec
from mongoengine import BooleanField, ListField, StringField

from chassis.envelope import ADMINISTRATORS
from chassis.errors import Fault, Invalid, Refused, one_of
from chassis.security.principal import codes_of
from chassis.sentences import plain
from chassis.usecases.visibility import VisibleToTenant
from services.org.api.posts import PostPlan
from services.org.posts.events import PostChanged
from services.org.posts.model.unit import Unit
from vocabulary.roles import Role
from vocabulary.tiers import Tier


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of post. `tiers`: the tiers of its area. `managed_by`: a `division` on its path, or a `department`."""

    zh: str
    roles: tuple[str, ...]
    tiers: tuple[str, ...]
    managed_by: Literal["division", "department"] = "division"


# Neighbours in unpaid posts may report and see their own reports; only grid workers see their neighbours' data.
_NEIGHBOUR = (Role.RESIDENT,)

KINDS = {
    "grid_worker": Kind(zh="网格员", roles=(Role.GRID_WORKER,), tiers=(Tier.GRID, Tier.MICRO_GRID)),
    "grid_leader": Kind(zh="网格长", roles=(Role.GRID_LEADER,), tiers=(Tier.GRID,)),
    "party_group_leader": Kind(zh="党小组长", roles=_NEIGHBOUR, tiers=(Tier.MICRO_GRID,)),
    "stairwell_leader": Kind(zh="单元长", roles=_NEIGHBOUR, tiers=(Tier.MICRO_GRID,)),
    "building_leader": Kind(zh="楼栋长", roles=_NEIGHBOUR, tiers=(Tier.GRID, Tier.MICRO_GRID)),
    "helper": Kind(zh="热心人", roles=_NEIGHBOUR, tiers=(Tier.COMMUNITY, Tier.GRID, Tier.MICRO_GRID)),
    "community_worker": Kind(zh="社区工作者", roles=(Role.COMMUNITY,), tiers=(Tier.COMMUNITY,)),
    "street_officer": Kind(zh="街道干部", roles=(Role.STREET,), tiers=(Tier.STREET,)),
    "centre_officer": Kind(zh="网格中心人员", roles=(Role.CENTRE,), tiers=(Tier.COUNTY, Tier.CITY)),
    "counter_clerk": Kind(
        zh="窗口人员", roles=(Role.COUNTER,), tiers=(Tier.COMMUNITY, Tier.STREET, Tier.COUNTY, Tier.CITY)
    ),
    "hotline_agent": Kind(zh="热线话务员", roles=(Role.HOTLINE,), tiers=(Tier.COUNTY, Tier.CITY)),
    "inspector": Kind(
        zh="核查员", roles=(Role.INSPECTOR,), tiers=(Tier.COMMUNITY, Tier.STREET, Tier.COUNTY, Tier.CITY)
    ),
    "tenant_admin": Kind(zh="管理员", roles=(Role.TENANT_ADMIN,), tiers=(Tier.COUNTY, Tier.CITY)),
    "department_officer": Kind(
        zh="部门人员", roles=(Role.DEPARTMENT,), tiers=(Tier.STREET, Tier.COUNTY, Tier.CITY), managed_by="department"
    ),
    "posted_officer": Kind(
        zh="下沉干部", roles=(Role.DEPARTMENT,), tiers=(Tier.COMMUNITY, Tier.GRID), managed_by="department"
    ),
    "supervisor": Kind(zh="监督员", roles=(Role.SUPERVISOR,), tiers=(Tier.COUNTY, Tier.CITY), managed_by="department"),
}

MICRO_GRID_THREE = ("party_group_leader", "grid_worker", "stairwell_leader")
"""党小组+网格员+单元长: the three posts that every micro-grid should have."""


class PostClosed(Refused):
    code = "post.closed"
    en = "The post {title:verbatim} is closed; choose one that is open."
    zh = "岗位{title:verbatim}已撤销，请选择在用的岗位。"


class Post(VisibleToTenant):
    """A post. `within`: every code of its area, so that an equality on an index finds the posts of a place."""

    meta = {"collection": "posts"}
    indexes: ClassVar[list[tuple[str, ...]]] = [("within", "_id"), ("within", "kind", "_id"), ("area",)]
    visible_to = ADMINISTRATORS

    kind: str = StringField(required=True)
    title: str = StringField(required=True)
    unit: str = StringField(required=True)
    area: str = StringField(required=True)
    within: list[str] = ListField(StringField())
    duties: list[str] = ListField(StringField())
    active: bool = BooleanField(default=True)

    @classmethod
    def open(cls, tenant: str, key: str, plan: PostPlan, *, tier: str, department: Unit | None) -> Post:
        """Opens a post. `tier`: that of `plan.area`; `department`: the unit of the plan, if it is one.

        Raises `Invalid`, `UnitClosed`.
        """
        faults = list(_faults(plan, tier, department))
        if faults:
            raise Invalid(*faults)
        if department:
            department.require_open()
        post = cls(
            id=cls.identity(tenant, key), tenant=tenant, within=codes_of(plan.area), **msgspec.structs.asdict(plan)
        )
        post.emit(post.state_event())
        return post

    @property
    def roles(self) -> tuple[str, ...]:
        return KINDS[self.kind].roles

    def revise(self, *, title: str, duties: list[str]) -> None:
        self.require_open()
        self.title, self.duties = title, duties
        self.emit(self.state_event())

    def close(self) -> None:
        """Closes the post to new assignments; existing ones continue until they end. Raises `PostClosed`."""
        self.require_open()
        self.active = False
        self.emit(self.state_event())

    def unit_in(self, area: str) -> str:
        """Returns the unit of the post, or of an assignment to it, after a move to `area`.

        A department stays the unit. A division stays it only if `area` lies in it; otherwise the division directly
        above the area becomes the unit.
        """
        codes = codes_of(area)
        return self.unit if KINDS[self.kind].managed_by == "department" or self.unit in codes else codes[-2]

    def move(self, area: str) -> None:
        """Moves the post to the grid that replaced its own in a grid merge."""
        self.unit = self.unit_in(area)
        self.area, self.within = area, codes_of(area)
        self.emit(self.state_event())

    def require_open(self) -> None:
        if not self.active:
            raise PostClosed(post=self.key, title=self.title)

    def event_area(self) -> str:
        return self.area

    def event_units(self) -> list[str]:
        return [self.unit]

    def state_event(self) -> PostChanged:
        return PostChanged(
            id=self.key,
            kind=self.kind,
            title=self.title,
            unit=self.unit,
            area=self.area,
            roles=list(self.roles),
            duties=list(self.duties),
            active=self.active,
        )


def kind_of(name: str) -> Kind:
    """Returns the kind of this name. Raises `Invalid` that lists the kinds."""
    if name not in KINDS:
        raise Invalid(one_of("kind", KINDS))
    return KINDS[name]


def _faults(plan: PostPlan, tier: str, department: Unit | None) -> list[Fault]:
    kind = kind_of(plan.kind)
    faults: list[Fault] = []
    if tier not in kind.tiers:
        tiers = [Tier(each) for each in kind.tiers]
        tiers_en, tiers_zh = " or ".join(each.en for each in tiers), "或".join(each.zh for each in tiers)
        faults.append(
            (
                "area",
                f"the post of {plain(plan.kind)} must be at the tier {tiers_en}, not {Tier(tier).en}",
                f"{kind.zh}岗位须设在{tiers_zh}，不能设在{Tier(tier).zh}",
            )
        )
    if kind.managed_by == "division" and plan.unit not in codes_of(plan.area):
        faults.append(("unit", "must be the code of a division that contains the area", "须为该区域所在区划的代码"))
    if kind.managed_by == "department" and department is None:
        faults.append(("unit", "must be the id of a department", "须为部门的编号"))
    if kind.managed_by == "department" and department and not department.serves(plan.area):
        faults.append(("unit", "must be a department that serves the area", "须为服务该区域的部门"))
    return faults
