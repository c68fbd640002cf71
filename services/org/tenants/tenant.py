"""A tenant: a city or county with its settings and the top of its division tree."""

from __future__ import annotations

import re
from typing import Any, ClassVar

import msgspec
from mongoengine import DictField, StringField

from chassis.errors import Forbidden, Invalid, one_of
from chassis.messaging.envelope import ADMINISTRATORS
from chassis.persistence.aggregate import Aggregate
from chassis.security.principal import Principal, path_of
from services.org.access import require_administrator
from services.org.api.divisions import DivisionRow
from services.org.api.grids import MAIN
from services.org.api.settings import EmergencyRules, Settings
from services.org.api.tenants import RootTier
from services.org.divisions.codes import check_division
from services.org.divisions.division import Division
from services.org.tenants.categories import with_standard
from services.org.tenants.events import TenantChanged
from services.org.tenants.stored_settings import changed, stored

OPERATOR = "operator"
"""The role of who runs the platform, for opening a tenant: it has nobody yet who could sign in."""

_ID = re.compile(r"[a-z][a-z0-9-]{1,30}")


class NotOperator(Forbidden):
    code = "tenant.not_operator"
    en = "Only the operator of the platform opens a tenant; ask them."
    zh = "只有平台运维人员可以开通租户,请联系运维人员。"


class Tenant(Aggregate):
    """`settings` is `api.settings.Settings` as plain data. Its key is the tenant's own id."""

    meta: ClassVar[dict[str, Any]] = {"collection": "tenants"}
    indexes: ClassVar[list[tuple[str, ...]]] = []
    visible_to = ADMINISTRATORS

    root: str = StringField()
    root_tier: RootTier = StringField()
    settings: dict[str, Any] = DictField()

    @classmethod
    def open(cls, by: Principal, root: str, tier: RootTier, settings: Settings) -> Tenant:
        """Opens the tenant of the principal, whose tree begins at the code `root`. Raises `NotOperator`, `Invalid`."""
        if not by.has(OPERATOR):
            raise NotOperator
        if not _ID.fullmatch(by.tenant):
            raise Invalid(
                (
                    "tenant",
                    "2 to 31 lower-case letters, digits and hyphens, a letter first",
                    "须为 2 至 31 位小写字母、数字和连字符,以字母开头",
                )
            )
        check_division(root, tier, "")
        settings.check()
        tenant = cls(id=cls.identity(by.tenant, by.tenant), tenant=by.tenant, root=root, root_tier=tier)
        tenant.settings = msgspec.to_builtins(settings)
        tenant.emit(tenant.state_event())
        return tenant

    @property
    def path(self) -> str:
        return path_of(self.root)

    def top(self) -> Division:
        """The division at the root of its tree, named after the tenant until an import says more."""
        row = DivisionRow(line=0, code=self.root, parent="", tier=self.root_tier, name=self.current.name)
        return Division.open(self.tenant, row, None)

    @property
    def current(self) -> Settings:
        return stored(self.settings, Settings)

    @property
    def emergency(self) -> EmergencyRules:
        return self.current.emergency

    def change(self, by: Principal, settings: Settings) -> None:
        """Replaces the settings as a whole, so that what is shown is what was decided; a later version's stay."""
        require_administrator(by, self.path)
        settings.check()
        before, after = msgspec.to_builtins(self.current), msgspec.to_builtins(settings)
        if after == before:
            return
        self.settings = changed(self.settings, before, after)
        self.emit(self.state_event())

    def require_inventory(self, code: str) -> None:
        """Raises `Invalid` for a dedicated inventory that the tenant's settings do not name."""
        if code not in (known := [inventory.code for inventory in self.current.inventories]):
            raise Invalid(one_of("inventory", [MAIN, *known]))

    def event_area(self) -> str:
        return self.path

    def state_event(self) -> TenantChanged:
        settings = msgspec.structs.asdict(self.current)
        settings["categories"] = tuple(with_standard(self.current.categories))
        return TenantChanged(id=self.key, root=self.root, path=self.path, **settings)
