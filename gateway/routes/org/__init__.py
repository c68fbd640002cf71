"""Route table of org: one file per aggregate. The router tries them in this order."""

from __future__ import annotations

from gateway.routes.org import (
    app_passwords,
    divisions,
    emergencies,
    grids,
    party,
    posts,
    responsibilities,
    tenants,
    users,
)

OPERATIONS = [
    *tenants.OPERATIONS,
    *divisions.OPERATIONS,
    *grids.OPERATIONS,
    *party.OPERATIONS,
    *emergencies.OPERATIONS,
    *posts.OPERATIONS,
    *users.OPERATIONS,
    *app_passwords.OPERATIONS,
    *responsibilities.OPERATIONS,
]
