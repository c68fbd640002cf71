"""Permission checks of cases against the table of rights (`vocabulary.rights`), and their refusals."""

from __future__ import annotations

from chassis.errors import Forbidden
from chassis.security.principal import Principal
from services.cases.case import texts_en
from services.cases.case.texts_zh import ACTS, OWN_WORK, OWNERS
from vocabulary.access import require_role
from vocabulary.rights import GRANTS, NOTHING, Relation, Resource, belongs_to, may
from vocabulary.roles import REPORTERS, Permission, Role
from vocabulary.tiers import Tier


class OwnWork(Forbidden):
    """Nobody inspects, grants or rules on their own work."""

    code = "case.own_work"
    en = "You may not {act} here: {reason}. Leave it to someone who was not involved."
    zh = "不得对本人或本单位的工作执行“{act}”（{reason}），请由未参与的人员办理。"
    chinese = {"act": ACTS, "reason": OWN_WORK}
    english = {"act": texts_en.ACTS}


class NotYours(Forbidden):
    """`owner`: the person, unit, tier or area that the step belongs to."""

    code = "case.not_yours"
    en = "This step belongs to {owner:unit}. Ask them to take it."
    zh = "此步骤由{owner:unit}办理，请与其联系。"
    chinese = {"owner": OWNERS}
    english = {"owner": texts_en.OWNERS}


class NotParty(Forbidden):
    code = "case.not_party"
    en = "Only a party of this case may do this."
    zh = "仅本案当事人可执行此操作。"


class CodeOfReporter(Forbidden):
    """Who acts by code is not on record, so staff act in their own name or not at all."""

    code = "case.code_of_reporter"
    en = "The code is for the reporter alone. Leave it out and act in your own name."
    zh = "查询码仅限诉求人本人使用，请勿填写查询码，以本人身份办理。"


class AtWrongTier(Forbidden):
    """`tier`: the tier that holds the case."""

    code = "case.at_wrong_tier"
    en = "The case is with the {tier} tier, above yours; leave this step to it."
    zh = "案件现由{tier}层级办理，您所在层级不能执行此操作。"
    chinese = {"tier": Tier.zh_names()}
    english = {"tier": Tier.en_names()}


def require_permission(by: Principal, *permissions: Permission, on: Resource = NOTHING, owner: str = "") -> None:
    """Raises unless the caller may do one of these with `on`: `WrongRole` if none of their roles ever may, else
    `AtWrongTier` or `NotYours`. `owner`: whose step it is, if the resource does not tell."""
    if any(may(by, permission, on) for permission in permissions):
        return
    require_role(by, *permissions)
    by_tier = any(relation is Relation.TIER for permission in permissions for _, relation in GRANTS[permission])
    if by_tier and by.covers(on.area):
        raise AtWrongTier(tier=on.tier)
    raise NotYours(owner=owner or next(filter(None, on.units), "") or on.area)


def as_party(tenant: str, person: str) -> Principal:
    """Returns the principal of a party that acts by code, or for whom staff act."""
    return Principal(tenant=tenant, subject=person, roles=frozenset({Role.RESIDENT}))


def require_no_staff(by: Principal) -> None:
    """Raises `CodeOfReporter` for staff, who may know the code of a case that they took from somebody."""
    if not REPORTERS.issuperset(by.roles):
        raise CodeOfReporter()


def require_other_unit(by: Principal, permission: Permission, unit: str) -> None:
    if belongs_to(by, unit):
        raise OwnWork(act=str(permission), reason="it is about your unit")
