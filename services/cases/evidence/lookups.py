"""Lookups in evidence, for the use cases of the case."""

from __future__ import annotations

from chassis.persistence.tenant_data import TenantData
from chassis.security.principal import Principal
from chassis.usecases.records import named
from services.cases.evidence.model import Photo


def require_photos(data: TenantData, by: Principal, photos: tuple[str, ...]) -> None:
    """Raises unless each photo is stored, the caller's own, new, and not attached yet.

    Another's is like an unknown one.
    """
    for photo in photos:
        named(data, Photo, photo, "photos").require_usable_by(by, data.context.now)
