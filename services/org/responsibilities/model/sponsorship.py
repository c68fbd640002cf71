"""Aggregate of sponsors (领导包联: a leader for a street or community) and overseers (网格监督员: a department)."""

from __future__ import annotations

from typing import ClassVar

from mongoengine import BooleanField, StringField

from chassis.envelope import ADMINISTRATORS
from chassis.errors import Invalid, Refused
from chassis.security.principal import codes_of
from chassis.sentences import plain
from chassis.usecases.visibility import VisibleToTenant
from services.org.api.responsibilities import SponsorshipKind
from services.org.responsibilities.events import SponsorshipChanged
from vocabulary.tiers import Tier

TIERS: dict[SponsorshipKind, tuple[str, ...]] = {"sponsor": (Tier.STREET, Tier.COMMUNITY), "overseer": (Tier.GRID,)}
_NAMES: dict[SponsorshipKind, str] = {"sponsor": "包联领导", "overseer": "网格监督员"}


class NotSponsored(Refused):
    code = "sponsorship.none"
    en = "This area has no sponsor or overseer now, so there is nothing to end."
    zh = "该区域目前没有包联领导或监督单位，无需终止。"


class Sponsorship(VisibleToTenant):
    """The sponsor (`subject`) or overseer (`unit`) of an area; its key is `<kind>.<code of the area>`."""

    meta = {"collection": "sponsorships"}
    indexes: ClassVar[list[tuple[str, ...]]] = [("kind", "active", "_id")]
    visible_to = ADMINISTRATORS
    has_natural_key = True

    kind: str = StringField(required=True)
    area: str = StringField(required=True)
    subject: str = StringField(default="")
    unit: str = StringField(default="")
    active: bool = BooleanField(default=False)

    @classmethod
    def key_of(cls, kind: SponsorshipKind, area: str) -> str:
        return f"{kind}.{codes_of(area)[-1]}"

    @classmethod
    def blank(cls, tenant: str, kind: SponsorshipKind, area: str, tier: str) -> Sponsorship:
        """Returns an inactive sponsorship. `tier`: that of the area. Raises `Invalid` if the kind excludes it."""
        if tier not in TIERS[kind]:
            tiers = [Tier(each) for each in TIERS[kind]]
            tiers_en, tiers_zh = " or ".join(each.en for each in tiers), "或".join(each.zh for each in tiers)
            raise Invalid(
                (
                    "area",
                    f"{plain(kind)}s can be named for a {tiers_en}, not for a {Tier(tier).en}",
                    f"仅{tiers_zh}可指定{_NAMES[kind]}，{Tier(tier).zh}不可",
                )
            )
        return cls(id=cls.identity(tenant, cls.key_of(kind, area)), tenant=tenant, kind=kind, area=area)

    def name(self, holder: str) -> None:
        """Names the holder and replaces the previous one. `holder`: a subject for sponsors, a unit for overseers."""
        if self.kind == "sponsor":
            self.subject = holder
        else:
            self.unit = holder
        self.active = True
        self.emit(self.state_event())

    def end(self) -> None:
        """Raises `NotSponsored`."""
        if not self.active:
            raise NotSponsored()
        self.subject, self.unit, self.active = "", "", False
        self.emit(self.state_event())

    def event_area(self) -> str:
        return self.area

    def event_units(self) -> list[str]:
        return [self.unit] if self.unit else []

    def state_event(self) -> SponsorshipChanged:
        return SponsorshipChanged(
            id=self.key, kind=self.kind, area=self.area, subject=self.subject, unit=self.unit, active=self.active
        )
