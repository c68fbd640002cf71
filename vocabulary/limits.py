"""Reference data: the limits of a case unless a tenant sets others, by priority. They follow Beijing's 接诉即办."""

from __future__ import annotations

from collections.abc import Mapping

DEFAULT_LIMITS: Mapping[str, str | Mapping[str, str]] = {
    "case": {"P1": "2h", "P2": "24h", "P3": "7d", "P4": "15d"},
    "verify": {"P1": "10min", "P2": "1h", "P3": "2wh", "P4": "2wh"},
    "dispatch": {"P1": "10min", "P2": "1h", "P3": "2wh", "P4": "2wh"},
    "accept": {"P1": "10min", "P2": "1h", "P3": "2wh", "P4": "2wh"},
    "contact": {"P1": "30min", "P2": "4h", "P3": "24h", "P4": "24h"},
    "report_in": {"P1": "10min", "P2": "30min", "P3": "30min", "P4": "30min"},
    "ruling": {"P1": "30min", "P2": "30min", "P3": "24h", "P4": "24h"},
    "urge": {"P1": "1h", "P2": "1h", "P3": "24h", "P4": "24h"},
    "suspension": "30d",
    "all_suspensions": "60d",
    "planned": "366d",
    "rating": "7d",
    "objection": "7d",
    "reopening": "15d",
    "appeal": "3d",
}
"""Spans as `vocabulary.calendars.SpanText`: one, or one for each priority."""
