"""What other use cases ask of evidence."""

from __future__ import annotations

from chassis.persistence.tenant_data import TenantData
from chassis.security.principal import Principal
from services.cases.evidence.model import Photo


def require_photos(data: TenantData, by: Principal, photos: tuple[str, ...]) -> None:
    """Each is stored, the caller's own, and nothing else has it."""
    for photo in photos:
        data.get(Photo, photo).require_usable_by(by)
