"""The listed reasons of withdrawal, rejection, return, ruling and voiding."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast, get_args

import msgspec
import pytest

from chassis.persistence.tenant_data import TenantData
from services.cases.case.model.refusals import NothingShown
from services.cases.directory import limit_versions
from services.cases.directory.reasons import ReasonNotListed, Step, name_of, require_reason
from vocabulary.reasons import Reasons

STEPS = get_args(Step)


def of_tenant(settings: dict[str, Any] | None) -> TenantData:
    """Stub: the data of a tenant whose settings have arrived, or not."""
    rows = [] if settings is None else [{"sequence": 1, **settings}]
    context = SimpleNamespace(tenant="wuhai", now=datetime(2026, 3, 2, tzinfo=UTC))
    limit_versions._settings.forget("wuhai")
    return cast(TenantData, SimpleNamespace(context=context, rows=lambda *_, **__: rows, find=lambda *_, **__: []))


def test_the_lists_are_those_of_the_settings() -> None:
    assert set(Reasons.__struct_fields__) == set(STEPS)


@pytest.mark.domain("The case: register, reject")
@pytest.mark.parametrize("settings", [None, {}, {"reasons": {}}])
@pytest.mark.parametrize("step", STEPS)
def test_a_tenant_without_lists_of_its_own_has_the_standard_ones(step: Step, settings: dict[str, Any] | None) -> None:
    data = of_tenant(settings)
    for reason in getattr(Reasons(), step):
        require_reason(data, step, reason.code, "a note")
        assert name_of(data, step, reason.code) == {"en": reason.en, "zh-CN": reason.zh}


@pytest.mark.domain("The case: register, reject")
@pytest.mark.parametrize("step", STEPS)
def test_a_reason_off_the_list_is_refused_and_the_list_is_shown(step: Step) -> None:
    with pytest.raises(ReasonNotListed) as refusal:
        require_reason(of_tenant(None), step, "no_time", "a note")
    assert refusal.value.data["listed"] == [reason.code for reason in getattr(Reasons(), step)]
    first, *_ = listed = getattr(Reasons(), step)
    assert refusal.value.text("zh-CN").startswith(f"所填事由“no_time”不在规定范围内，请从下列事由中选择：{first.zh}、")
    assert refusal.value.text("en").endswith(f"{', '.join(reason.en for reason in listed)}.")


def test_a_list_of_the_tenant_replaces_the_standard_one() -> None:
    listed = msgspec.to_builtins(Reasons(voidings=({"code": "drill", "zh": "演练", "en": "A drill"},)))  # type: ignore[arg-type]
    data = of_tenant({"reasons": {"voidings": listed["voidings"]}})
    require_reason(data, "voidings", "drill", "")
    require_reason(data, "withdrawals", "gone", "")
    with pytest.raises(ReasonNotListed):
        require_reason(data, "voidings", "mistaken", "")


def test_other_says_nothing_without_a_note() -> None:
    with pytest.raises(NothingShown):
        require_reason(of_tenant(None), "withdrawals", "other", " ")
    require_reason(of_tenant(None), "withdrawals", "other", "moved away")


def test_a_reason_that_is_listed_no_longer_is_named_by_its_code() -> None:
    assert name_of(of_tenant(None), "rejections", "of_old") == {"en": "of_old", "zh-CN": "of_old"}
