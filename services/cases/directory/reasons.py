"""The tenant's listed reasons: a step takes only one of its list, and readers are told its names."""

from __future__ import annotations

from typing import Literal

from chassis.errors import Refused
from chassis.persistence.tenant_data import TenantData
from chassis.sentences import CHINESE
from chassis.types import is_blank
from services.cases.case.model.refusals import NothingShown
from services.cases.directory.limit_versions import in_force
from vocabulary.reasons import OTHER

Step = Literal["withdrawals", "rejections", "returns", "rulings", "voidings"]


class ReasonNotListed(Refused):
    """`listed`: the codes of the tenant's list; `names` and `names_en`: what they mean, in the same order."""

    code = "case.reason_not_listed"
    en = "{reason:verbatim} is not a listed reason. Choose one of these: {names_en}."
    zh = "所填事由{reason:verbatim}不在规定范围内，请从下列事由中选择：{names}。"


def require_reason(data: TenantData, step: Step, reason: str, note: str) -> None:
    """Raises `ReasonNotListed`, and `NothingShown` for `other` without a note."""
    listed = in_force(data).reasons[step]
    if reason not in listed:
        names, names_en = ([name[language] for name in listed.values()] for language in (CHINESE, "en"))
        raise ReasonNotListed(reason=reason, listed=list(listed), names=names, names_en=names_en)
    if reason == OTHER and is_blank(note):
        raise NothingShown(needs="a note")


def name_of(data: TenantData, step: Step, reason: str) -> dict[str, str]:
    """Returns the reason's names by language; its code for one that the tenant no longer lists."""
    return in_force(data).reasons[step].get(reason, {"en": reason, "zh-CN": reason})
