"""Aggregate of tenants: a city or county with its settings and the root of its division tree."""

from __future__ import annotations

from typing import Any, ClassVar

import msgspec
from mongoengine import DictField, StringField

from chassis.envelope import ADMINISTRATORS
from chassis.errors import Forbidden, Invalid, one_of
from chassis.security.principal import Principal, path_of
from chassis.types import TENANT, Answer
from chassis.usecases.visibility import VisibleToTenant
from chassis.validation import convert
from services.org.administrators import require_administrator_of_all
from services.org.api.divisions import DivisionRow
from services.org.api.grids import MAIN
from services.org.api.settings import EmergencyRules, Settings
from services.org.api.tenants import RootTier, SettingChange
from services.org.divisions.model.codes import check_division
from services.org.divisions.model.division import Division
from services.org.tenants.events import TenantChanged
from services.org.tenants.model.categories import with_standard
from services.org.tenants.model.merge_patch import changes, merged
from services.org.tenants.model.shown_settings import IsUsed, overrides, require_kept, shown
from services.org.tenants.model.stored_settings import merge_change, read_stored
from vocabulary.roles import Role


class MayNotOpenTenant(Forbidden):
    code = "tenant.not_operator"
    en = "Only the platform operator may open a tenant; ask the operator."
    zh = "仅平台运维人员可以开通租户，请联系运维人员。"


class Tenant(VisibleToTenant):
    """A tenant; its key is the tenant id. `settings`: `api.settings.Settings` as plain data."""

    meta: ClassVar[dict[str, Any]] = {"collection": "tenants"}
    indexes: ClassVar[list[tuple[str, ...]]] = []
    visible_to = ADMINISTRATORS
    has_natural_key = True

    root: str = StringField(required=True)
    root_tier: RootTier = StringField(required=True)
    settings: dict[str, Any] = DictField()

    @classmethod
    def open(cls, by: Principal, root: str, tier: RootTier, settings: Settings) -> Tenant:
        """Opens the principal's tenant, which has no user to sign in yet. `root`: the code of its root division.

        Raises `MayNotOpenTenant`, `Invalid`.
        """
        if not by.has(Role.OPERATOR):
            raise MayNotOpenTenant
        if not TENANT.fullmatch(by.tenant):
            raise Invalid(
                (
                    "tenant",
                    "must be 2 to 31 lower-case letters, digits and hyphens, starting with a letter",
                    "须为 2 至 31 位小写字母、数字或连字符，以字母开头",
                )
            )
        check_division(root, tier, "", root)
        settings.check()
        tenant = cls(id=cls.identity(by.tenant, by.tenant), tenant=by.tenant, root=root, root_tier=tier)
        tenant.settings = msgspec.to_builtins(settings)
        tenant.emit(tenant.state_event())
        return tenant

    @property
    def path(self) -> str:
        return path_of(self.root)

    def root_division(self) -> Division:
        """Returns the root of the division tree, with the tenant's name until an import renames it."""
        row = DivisionRow(line=0, code=self.root, parent="", tier=self.root_tier, name=self.current_settings.name)
        return Division.open(self.tenant, row, None)

    @property
    def current_settings(self) -> Settings:
        return read_stored(self.settings, Settings)

    @property
    def emergency(self) -> EmergencyRules:
        return self.current_settings.emergency

    def shown(self) -> Answer:
        """Returns the tenant with the value in force of every setting."""
        return {"id": self.key, "root": self.root, "path": self.path, **shown(self.current_settings)}

    def change(self, by: Principal, patch: Answer, is_used: IsUsed) -> list[SettingChange]:
        """Changes settings by a merge patch of `shown`, which may repeat what it leaves alone.

        Keeps what only a later version knows. Raises `NotAdministrator`, `Invalid`.
        """
        self.require_may_change(by)
        before = self.shown()
        after = self._settings_of(merged({**before, "version": self.version}, patch))
        require_kept(msgspec.convert(_settings_part(before), Settings), after, is_used)
        old, new = (msgspec.to_builtins(overrides(each)) for each in (self.current_settings, after))
        if new != old:
            self.settings = merge_change(self.settings, old, new)
            self.emit(self.state_event())
        return list(changes(before, self.shown()))

    def require_may_change(self, by: Principal) -> None:
        if not by.has(Role.OPERATOR):
            require_administrator_of_all(by, self.path)

    def _settings_of(self, tenant: Answer) -> Settings:
        """Returns the settings among the fields of a tenant. Raises `Invalid`, also if another field was changed."""
        fixed = {"id": self.key, "root": self.root, "path": self.path, "version": self.version}
        faults = [
            (name, "it cannot be changed", "不得修改") for name, value in fixed.items() if tenant.get(name) != value
        ]
        if faults:
            raise Invalid(*faults)
        settings: Settings = convert(_settings_part(tenant), Settings)
        settings.check()
        return settings

    def require_inventory(self, code: str) -> None:
        """Raises `Invalid` for a dedicated inventory that the tenant's settings do not name."""
        dedicated = [inventory.code for inventory in self.current_settings.inventories]
        if code not in dedicated:
            raise Invalid(one_of("inventory", [MAIN, *dedicated]))

    def event_area(self) -> str:
        return self.path

    def state_event(self) -> TenantChanged:
        settings = msgspec.structs.asdict(self.current_settings)
        settings["categories"] = tuple(with_standard(self.current_settings.categories))
        return TenantChanged(id=self.key, root=self.root, path=self.path, **settings)


def _settings_part(tenant: Answer) -> Answer:
    return {name: value for name, value in tenant.items() if name not in ("id", "root", "path", "version")}
