"""Writer of OpenRosa's documents: the list of forms, the manifest of one, and the answer to a submission."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from xml.etree.ElementTree import Element, SubElement, tostring

from services.residents.api.submissions import PhoneFile, PhoneForm

_FORMS = "http://openrosa.org/xforms/xformsList"
_MANIFEST = "http://openrosa.org/xforms/xformsManifest"
_RESPONSE = "http://openrosa.org/http/response"


def form_list(forms: Iterable[PhoneForm], base: str) -> bytes:
    """`base`: the address of OpenRosa here, which a phone needs whole."""
    root = Element("xforms", xmlns=_FORMS)
    for form in forms:
        _fill(
            SubElement(root, "xform"), formID=form.id, name=form.title, version=form.version, hash=f"md5:{form.digest}",
            downloadUrl=f"{base}/forms/{form.id}", manifestUrl=f"{base}/forms/{form.id}/manifest",
        )  # fmt: skip
    return _written(root)


def manifest(subjects: PhoneFile, address: str) -> bytes:
    """The list of subjects is an entity list, so that what was filled in offline shows in the next form."""
    root = Element("manifest", xmlns=_MANIFEST)
    digest = hashlib.md5(subjects.text.encode(), usedforsecurity=False).hexdigest()
    file = SubElement(root, "mediaFile", type="entityList")
    _fill(file, filename=subjects.name, hash=f"md5:{digest}", downloadUrl=address)
    return _written(root)


def response(message: str, nature: str) -> bytes:
    """`nature`: OpenRosa's word for the kind of message."""
    root = Element("OpenRosaResponse", xmlns=_RESPONSE)
    SubElement(root, "message", {"nature": nature}).text = message
    return _written(root)


def _fill(parent: Element, **texts: str) -> None:
    for name, text in texts.items():
        SubElement(parent, name).text = text


def _written(root: Element) -> bytes:
    written: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return written
