"""Aggregate of the party tree: 街道党工委—社区党委—网格党支部—楼栋党小组, and the social work units.

This second tree, beside the administrative one, says which organisation is at which place. Membership is sensitive
personal data: it is neither stored here nor published.
"""

from __future__ import annotations

from typing import Any, ClassVar

import msgspec
from mongoengine import BooleanField, StringField

from chassis.envelope import ADMINISTRATORS
from chassis.errors import Fault, Invalid, Refused, one_of, spoken_fault
from chassis.sentences import plain
from chassis.usecases.visibility import VisibleToTenant
from services.org.api.party import OrganisationPlan
from services.org.party.events import PartyOrganisationChanged
from vocabulary.tiers import Tier


class Kind(msgspec.Struct, frozen=True):
    """A kind of organisation. `tier`: that of its place. `parent_kind`: "" for a top-level organisation."""

    zh: str
    tier: str
    parent_kind: str


KINDS = {
    "working_committee": Kind("街道党工委", tier=Tier.STREET, parent_kind=""),
    "committee": Kind("社区党委", tier=Tier.COMMUNITY, parent_kind="working_committee"),
    "branch": Kind("网格党支部", tier=Tier.GRID, parent_kind="committee"),
    "group": Kind("楼栋党小组", tier=Tier.BUILDING, parent_kind="branch"),
    "social_work_department": Kind("社会工作部", tier=Tier.COUNTY, parent_kind=""),
    "social_work_station": Kind("社工站", tier=Tier.STREET, parent_kind="social_work_department"),
    "social_work_room": Kind("社工室", tier=Tier.COMMUNITY, parent_kind="social_work_station"),
}


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """The place of an organisation. `building`: the id, if the place is a building; `path` is then that of its grid."""

    tier: str
    path: str
    building: str = ""


class HasChildren(Refused):
    code = "party_organisation.has_children"
    en = "{organisation:verbatim} still has organisations below it; close or move them first."
    zh = "{organisation:verbatim}下仍有组织，请先撤销或转移下级组织。"


class PartyOrganisation(VisibleToTenant):
    """A party organisation or social work unit, linked to a place of the administrative tree."""

    meta: ClassVar[dict[str, Any]] = {"collection": "party_organisations"}
    indexes: ClassVar[list[tuple[str, ...]]] = [("parent", "_id"), ("path",)]
    visible_to = ADMINISTRATORS

    kind: str = StringField(required=True)
    name: str = StringField(required=True)
    parent: str = StringField(default="")
    path: str = StringField(required=True)
    building: str = StringField(default="")
    active: bool = BooleanField(default=True)

    @classmethod
    def open(
        cls, tenant: str, key: str, plan: OrganisationPlan, place: Place, parent: PartyOrganisation | None
    ) -> PartyOrganisation:
        """Opens an organisation. Raises `Invalid` if kind, place and parent do not match."""
        faults = _faults(plan, place, parent)
        if faults:
            raise Invalid(*faults)
        organisation = cls(id=cls.identity(tenant, key), tenant=tenant, kind=plan.kind, name=plan.name)
        organisation.parent = parent.key if parent else ""
        organisation.path, organisation.building = place.path, place.building
        organisation.emit(organisation.state_event())
        return organisation

    def close(self, open_children: int) -> None:
        """`open_children`: the number of active organisations below it. Raises `HasChildren` if there are any."""
        if open_children:
            raise HasChildren(organisation=self.name)
        self.active = False
        self.emit(self.state_event())

    def follow(self, old_path: str, new_path: str) -> None:
        """Moves a branch or group to the grid that replaced its own in a grid merge."""
        if self.path == old_path:
            self.path = new_path
            self.emit(self.state_event())

    def event_area(self) -> str:
        return self.path

    def state_event(self) -> PartyOrganisationChanged:
        return PartyOrganisationChanged(
            id=self.key,
            kind=self.kind,
            name=self.name,
            parent=self.parent,
            path=self.path,
            building=self.building,
            active=self.active,
        )


def _faults(plan: OrganisationPlan, place: Place, parent: PartyOrganisation | None) -> list[Fault]:
    kind = KINDS.get(plan.kind)
    if kind is None:
        return [one_of("kind", KINDS)]
    faults: list[Fault] = []
    if place.tier != kind.tier:
        faults.append(
            (
                "place",
                f"a {plain(plan.kind)} ({kind.zh}) must be at a {Tier(kind.tier).en}, not at a {Tier(place.tier).en}",
                f"{kind.zh}须设在{Tier(kind.tier).zh}，不能设在{Tier(place.tier).zh}",
            )
        )
    if (parent.kind if parent else "") != kind.parent_kind:
        faults.append(_wrong_parent(plan.kind, kind))
    if parent and not place.path.startswith(parent.path):
        faults.append(("parent", "the place must lie in the parent's place", "所在地须在上级组织所在地之内"))
    if parent and not parent.active:
        told = "{parent:verbatim} is closed; choose another parent", "{parent:verbatim}已撤销，请另选上级组织"
        faults.append(spoken_fault("parent", *told, parent=parent.name))
    return faults


def _wrong_parent(name: str, kind: Kind) -> Fault:
    if not kind.parent_kind:
        return "parent", f"a {plain(name)} ({kind.zh}) cannot have a parent", f"{kind.zh}不得有上级组织"
    parent_zh = KINDS[kind.parent_kind].zh
    return (
        "parent",
        f"a {plain(name)} ({kind.zh}) must belong to a {plain(kind.parent_kind)} ({parent_zh})",
        f"{kind.zh}须隶属于{parent_zh}",
    )
