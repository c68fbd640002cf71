"""Alerts of unusual reading, for the tests of residents."""

from __future__ import annotations

from services.residents.readings.model import ReadingAlert
from tests.unit.residents import samples as s
from vocabulary.reading import ReadingRule


def raised_alert(key: str = "A1", area: str = s.GRID, reader: str = "g-9") -> ReadingAlert:
    rule, day = str(ReadingRule.AT_NIGHT), "2026-03-02"
    named = ReadingAlert.identity(s.TENANT, key)
    alert = ReadingAlert(id=named, tenant=s.TENANT, reader=reader, rule=rule, day=day)
    alert.count("residents.r-0.a", {1: {"R1": area}}, [area], 1, s.NOW)
    return alert
