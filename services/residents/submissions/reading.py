"""Parser of a submission, the XML that a phone sends for a form of ours. Nothing in it is trusted."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any, NamedTuple
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from chassis.errors import Invalid
from services.residents.dictionary.model import Field
from services.residents.xforms.workbook import SUBJECT, list_of

_ID = re.compile(r"[A-Za-z0-9_.:-]{1,64}")
_INSTANCE = re.compile(r"[A-Za-z0-9:_.{}-]{1,100}")
_WHOLE = re.compile(r"[+-]?[0-9]{1,18}")
_DECIMAL = re.compile(r"[+-]?[0-9]{1,18}(\.[0-9]{0,18})?(E[+-]?[0-9]{1,2})?", re.IGNORECASE)
_VERSION = re.compile(r"[0-9]{1,9}")


class Read(NamedTuple):
    """`instance`: the id that the phone gave it; `digest`: of all of it; `texts`: by field, "" for no answer.

    `base`: the version that it was made of; `trunk`, `branch`: of several that were made without a connection, the
    version that all started from, and what they have in common.
    """

    instance: str
    digest: str
    task: str
    subject: str
    texts: Mapping[str, str]
    base: int
    trunk: int | None
    branch: str


def read(xml: str) -> Read:
    """Raises `Invalid`: what cannot be read is none, so the phone keeps it."""
    root = _parsed(xml)
    task = root.get("id", "")
    meta = next((each for each in root if _name(each) == "meta"), None)
    entity = next((each for each in meta if _name(each) == "entity"), None) if meta is not None else None
    if not _ID.fullmatch(task) or meta is None or entity is None:
        raise _fault("xml", "it is not of a form from here", "不是本平台表单的填报")
    instance, subject = _child(meta, "instanceID"), _child(root, SUBJECT)
    if not _INSTANCE.fullmatch(instance):
        raise _fault("instanceID", "it is missing or malformed", "缺失或格式有误")
    if not _ID.fullmatch(subject) or entity.get("id") != subject or entity.get("dataset") != list_of(task):
        raise _fault("subject", "it is missing, or the entity is another one", "缺失，或与实体不一致")
    digest = hashlib.sha256(xml.encode()).hexdigest()
    return Read(instance, digest, task, subject, _texts(root), *_versions(entity))


def value_of(field: Field, text: str) -> Any:
    """Returns the value that a text stands for; the text itself if it is none of the field's, for a fault."""
    match field.kind:
        case "whole" if _WHOLE.fullmatch(text):
            return int(text)
        case "decimal" if _DECIMAL.fullmatch(text):
            return float(text)
        case "choices":
            return text.split()
    return text


def _parsed(xml: str) -> Element:
    try:
        root: Element = fromstring(xml.encode(), forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise _fault("xml", "it is not XML, or it has a DTD", "不是有效的 XML，或含有 DTD") from error
    return root


def _texts(root: Element) -> dict[str, str]:
    texts: dict[str, str] = {}
    for section in root:
        if _name(section) not in (SUBJECT, "meta"):
            for node in section:
                if _name(node) in texts or len(node):
                    raise _fault("xml", "it answers a question twice", "同一问题有多个答案")
                texts[_name(node)] = (node.text or "").strip()
    return texts


def _versions(entity: Element) -> tuple[int, int | None, str]:
    base, trunk, branch = (entity.get(name, "") for name in ("baseVersion", "trunkVersion", "branchId"))
    if entity.get("update") not in ("1", "true") or not _VERSION.fullmatch(base):
        raise _fault("baseVersion", "it must update a version of the subject", "须为对某一版本的更新")
    if not trunk and not branch:
        return int(base), None, ""
    if not _VERSION.fullmatch(trunk) or not _INSTANCE.fullmatch(branch) or int(trunk) > int(base):
        raise _fault(
            "trunkVersion",
            "it needs a branchId, and is not above baseVersion",
            "须同时有 branchId，且不大于 baseVersion",
        )
    return int(base), int(trunk), branch


def _child(parent: Element, name: str) -> str:
    return next(((each.text or "").strip() for each in parent if _name(each) == name), "")


def _name(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _fault(field: str, en: str, zh: str) -> Invalid:
    return Invalid((field, en, zh))
