"""Route table of cases: one file per aggregate. The router tries them in this order, so the busiest come first."""

from __future__ import annotations

from gateway.routes.cases import (
    analytics,
    case,
    counter,
    deliberation,
    evidence,
    hotline,
    mediation,
    reviews,
)

OPERATIONS = [
    *case.OPERATIONS,
    *evidence.OPERATIONS,
    *analytics.OPERATIONS,
    *counter.OPERATIONS,
    *hotline.OPERATIONS,
    *deliberation.OPERATIONS,
    *mediation.OPERATIONS,
    *reviews.OPERATIONS,
]
