"""An event is read only under its own routing key, which the broker has checked."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from chassis.envelope import Envelope, Unreadable, raw, require_key

OWN = "wuhai.org.user.changed.v1"


def event(tenant: str = "wuhai", kind: str = "linli.org.user.changed.v1") -> Envelope:
    return Envelope(
        specversion="1.0", id="e1", source="/linli/org", type=kind, subject="u1", time=datetime.now(UTC),
        datacontenttype="application/json", tenant=tenant, sequence=1, correlationid="c", data=raw({}),
    )  # fmt: skip


def test_an_event_is_read_under_its_own_key_or_by_its_only_recipient() -> None:
    require_key(event(), OWN)
    require_key(event(), OWN, "cases")
    require_key(event(), f"cases.{OWN}", "cases")


@pytest.mark.parametrize("key", ["", "wuhai", f"org.{OWN}", f".{OWN}", OWN.replace("wuhai", "yaan"), f"{OWN}\n"])
def test_an_event_under_another_key_is_unreadable(key: str) -> None:
    with pytest.raises(Unreadable, match="routing key"):
        require_key(event(), key, "cases")


def test_a_key_with_a_recipient_is_unreadable_to_who_takes_none() -> None:
    with pytest.raises(Unreadable, match="routing key"):
        require_key(event(), f"cases.{OWN}")


@pytest.mark.parametrize("kind", ["org.user.changed.v1", "linli.org.user.v1", "linli.org.user.changed.v1\n", "linli."])
def test_an_event_whose_type_has_not_the_form_of_a_type_is_unreadable(kind: str) -> None:
    with pytest.raises(Unreadable, match="type"):
        require_key(event(kind=kind), f"wuhai.{kind.removeprefix('linli.')}")
