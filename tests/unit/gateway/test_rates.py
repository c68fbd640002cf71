from __future__ import annotations

import pytest
from starlette.requests import Request

from chassis.settings import BadSetting
from gateway.http import rate_limits
from gateway.http.addresses import address_of
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


def test_a_request_that_is_given_back_leaves_its_place() -> None:
    rate = Rate("guesses", "1/hour", now=Now())
    for _ in range(3):
        rate.take("address")
        rate.give_back("address")
    rate.give_back("unknown")
    rate.take("unknown")
    with pytest.raises(TooManyRequests):
        rate.take("unknown")


def test_however_many_addresses_ask_the_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_limits, "MOST_KEYS", 3)
    rate = Rate("guesses", "1/hour", now=Now())
    for number in range(10):
        rate.take(str(number))
    assert len(rate._counts) == 3
    with pytest.raises(TooManyRequests):
        rate.take("9")


@pytest.mark.parametrize(
    ("host", "counted"),
    [
        ("203.0.113.8", "203.0.113.8"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.8", "203.0.113.8"),
        ("testclient", "testclient"),
    ],
)
def test_all_addresses_of_one_ipv6_customer_count_as_one(host: str, counted: str) -> None:
    assert address_of(Request({"type": "http", "client": (host, 1)})) == counted
