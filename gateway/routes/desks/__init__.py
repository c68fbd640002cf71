"""What stands beside cases: photos and comments on them, figures, counter, hotline, deliberation, mediation, review."""

from __future__ import annotations

from gateway.routes.desks import analytics, counter, deliberation, evidence, hotline, mediation, reviews

OPERATIONS = [
    *evidence.OPERATIONS,
    *analytics.OPERATIONS,
    *counter.OPERATIONS,
    *hotline.OPERATIONS,
    *deliberation.OPERATIONS,
    *mediation.OPERATIONS,
    *reviews.OPERATIONS,
]
