"""Lookups in evidence, for the use cases of the case."""

from __future__ import annotations

from chassis.persistence.tenant_data import TenantData
from chassis.security.principal import Principal
from services.cases.evidence.model import Photo


def require_photos(data: TenantData, by: Principal, photos: tuple[str, ...]) -> None:
    """Raises unless each photo is stored, the caller's own, and not attached yet."""
    for photo in photos:
        data.get(Photo, photo).require_usable_by(by)
