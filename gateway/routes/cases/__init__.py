"""Table of operations of cases: one file for each aggregate. Routes are tried in this order, the busiest first."""

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
