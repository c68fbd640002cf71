from __future__ import annotations

import pytest

from chassis.settings import BadSetting
from gateway.http.problems import TooManyRequests
from gateway.http.rate_limits import Rate


class Now:
    seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def test_each_tenant_has_its_own_count_which_resets_with_the_window() -> None:
    now = Now()
    rate = Rate("tenant", "2/minute", now=now)
    for tenant in ("wuhai", "wuhai", "yaan"):
        rate.take(tenant)
    now.seconds += 20
    with pytest.raises(TooManyRequests) as refused:
        rate.take("wuhai")
    assert refused.value.data == {"retry_after": 40}
    now.seconds += 40
    rate.take("wuhai")


def test_the_header_states_the_remaining_requests_and_the_reset() -> None:
    rate = Rate("tenant", "3/hour", now=Now())
    rate.take("wuhai")
    assert rate.policy == '"tenant";q=3;w=3600'
    assert rate.state("wuhai") == '"tenant";r=2;t=3600'
    assert rate.state("yaan") == '"tenant";r=3;t=3600'


@pytest.mark.parametrize("limit", ["", "many", "0/second", "10/fortnight", "10"])
def test_an_unreadable_limit_prevents_the_start(limit: str) -> None:
    with pytest.raises(BadSetting):
        Rate("tenant", limit)
