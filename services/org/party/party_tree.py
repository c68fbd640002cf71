"""The second tree, beside the administrative one: 街道党工委—社区党委—网格党支部—楼栋党小组 and social work units.

It says which organisation stands at which place. Who belongs to one is personal data of special weight:
it is neither kept here nor published.
"""

from __future__ import annotations

from typing import Any, ClassVar

import msgspec
from mongoengine import BooleanField, StringField

from chassis.errors import Fault, Invalid, Refused, one_of
from chassis.messaging.envelope import ADMINISTRATORS
from chassis.persistence.aggregate import Aggregate
from services.org.api.party import OrganisationPlan
from services.org.party.events import PartyOrganisationChanged
from vocabulary.tiers import Tier


class Kind(msgspec.Struct, frozen=True):
    """`at`: the tier of its place. `under`: the kind of its parent; "" may stand at the top."""

    zh: str
    at: str
    under: str


KINDS = {
    "working_committee": Kind("街道党工委", at=Tier.STREET, under=""),
    "committee": Kind("社区党委", at=Tier.COMMUNITY, under="working_committee"),
    "branch": Kind("网格党支部", at=Tier.GRID, under="committee"),
    "group": Kind("楼栋党小组", at=Tier.BUILDING, under="branch"),
    "social_work_department": Kind("社会工作部", at=Tier.COUNTY, under=""),
    "social_work_station": Kind("社工站", at=Tier.STREET, under="social_work_department"),
    "social_work_room": Kind("社工室", at=Tier.COMMUNITY, under="social_work_station"),
}


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where an organisation stands. `building` is set where it is one, and `path` then that of its grid."""

    tier: str
    path: str
    building: str = ""


class HasChildren(Refused):
    code = "party_organisation.has_children"
    en = "{organisation} still has organisations below it; close or move those first."
    zh = "{organisation} 下仍有组织,请先撤销或转移下级组织。"


class PartyOrganisation(Aggregate):
    """An organisation of the second tree, linked to a place of the first."""

    meta: ClassVar[dict[str, Any]] = {"collection": "party_organisations"}
    indexes: ClassVar[list[tuple[str, ...]]] = [("parent", "_id"), ("path",)]
    visible_to = ADMINISTRATORS

    kind: str = StringField()
    name: str = StringField()
    parent: str = StringField(default="")
    path: str = StringField()
    building: str = StringField(default="")
    active: bool = BooleanField(default=True)

    @classmethod
    def open(
        cls, tenant: str, key: str, plan: OrganisationPlan, place: Place, parent: PartyOrganisation | None
    ) -> PartyOrganisation:
        """Raises `Invalid` where kind, place and parent do not belong together."""
        faults = _faults(plan, place, parent)
        if faults:
            raise Invalid(*faults)
        organisation = cls(id=cls.identity(tenant, key), tenant=tenant, kind=plan.kind, name=plan.name)
        organisation.parent = parent.key if parent else ""
        organisation.path, organisation.building = place.path, place.building
        organisation.emit(organisation.state_event())
        return organisation

    def close(self, open_children: int) -> None:
        if open_children:
            raise HasChildren(organisation=self.name)
        self.active = False
        self.emit(self.state_event())

    def follow(self, old_path: str, new_path: str) -> None:
        """After a grid merge a branch and its groups stand in the new grid."""
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
    if place.tier != kind.at:
        faults.append(
            (
                "place",
                f"a {plan.kind} ({kind.zh}) stands at a {kind.at}, not at a {place.tier}",
                f"{kind.zh}须设在{Tier(kind.at).zh},不能设在{Tier(place.tier).zh}",
            )
        )
    if (parent.kind if parent else "") != kind.under:
        faults.append(_wrong_parent(plan.kind, kind))
    if parent and not place.path.startswith(parent.path):
        faults.append(("parent", "its place must lie in its parent's place", "所在地须在上级组织所在地之内"))
    if parent and not parent.active:
        faults.append(("parent", f"{parent.name} is closed", f"{parent.name} 已撤销,请另选上级组织"))
    return faults


def _wrong_parent(name: str, kind: Kind) -> Fault:
    if not kind.under:
        return "parent", f"a {name} ({kind.zh}) belongs to no other organisation", f"{kind.zh}不得有上级组织"
    above = KINDS[kind.under].zh
    return "parent", f"a {name} ({kind.zh}) belongs to a {kind.under} ({above})", f"{kind.zh}须隶属于{above}"
