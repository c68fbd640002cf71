"""Lookups in evidence, for the use cases of the case."""

from __future__ import annotations

from chassis.errors import Invalid
from chassis.persistence.tenant_data import TenantData
from chassis.security.principal import Principal
from chassis.usecases.records import named
from services.cases.evidence.model import Photo


def claim_photos(data: TenantData, by: Principal, photos: tuple[str, ...], case: str) -> None:
    """Claims the photos for the case, so that two steps at once cannot both show one of them.

    Raises unless each is stored, the caller's own, new, and no other case's; somebody else's is like an unknown one.
    """
    if len(set(photos)) < len(photos):
        raise Invalid(("photos", "must not name a photo twice", "同一张照片不得重复填写"))
    for photo in photos:
        named(data, Photo, photo, "photos").require_usable_by(by, data.context.now)
    for photo in photos:
        data.change(Photo, photo, lambda kept: kept.claim(by, case, data.context.now))
