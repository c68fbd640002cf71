"""Lookups in evidence, for the use cases of the case."""

from __future__ import annotations

from chassis.errors import Invalid, NotFound
from chassis.persistence.tenant_data import TenantData
from chassis.security.principal import Principal
from chassis.usecases.records import named
from services.cases.case.model.case import Case
from services.cases.evidence.model import Photo, PhotoElsewhere


def claim_photos(data: TenantData, by: Principal, photos: tuple[str, ...], case: str) -> None:
    """Claims the photos for the case, so that two steps at once cannot both show one of them.

    Raises unless each is stored, the caller's own, new, and no other case's; somebody else's is like an unknown one.
    What a case shows is its own before its event has attached it, however long the event is on its way.
    """
    if len(set(photos)) < len(photos):
        raise Invalid(("photos", "must not name a photo twice", "同一张照片不得重复填写"))
    for photo in photos:
        named(data, Photo, photo, "photos").require_usable_by(by, data.context.now)

    def claim(photo: Photo) -> None:
        if photo.subject != case and is_shown(data, photo):
            raise PhotoElsewhere(photo=photo.key)
        photo.claim(by, case, data.context.now)

    for photo in photos:
        data.change(Photo, photo, claim)


def is_shown(data: TenantData, photo: Photo) -> bool:
    """Returns whether the case that the photo is claimed for, or attached to, shows it: the step was taken."""
    try:
        return bool(photo.subject) and data.get(Case, photo.subject).shows_photo(photo.key)
    except NotFound:
        return False
