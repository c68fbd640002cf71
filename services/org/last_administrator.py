"""Rule across users and assignments: a tenant keeps an administrator who can sign in and whose term has no end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from chassis.context import Call
from chassis.errors import Refused
from chassis.persistence.data_source import DataSource
from chassis.persistence.tenant_data import ALL, TenantData
from chassis.usecases.records import found
from services.org.lookups import root_of
from services.org.posts.model.assignment import Assignment
from services.org.users.model import User
from services.org.users.principals import current_assignments
from vocabulary.roles import Role


class LastAdministrator(Refused):
    code = "org.last_administrator"
    en = "No other administrator of the whole tenant would remain; first give another active user that post for good."
    zh = "此操作将使本租户没有全域管理员，请先为另一名在用人员办理不设期限的管理员任职。"


@contextmanager
def administrator_remains(
    source: DataSource, call: Call, *, without_user: str = "", without: str = ""
) -> Iterator[None]:
    """Runs a change that takes rights from the user `without_user`, or ends the assignment `without`.

    Raises `LastAdministrator` if it would leave nobody. The lock covers this process: two changes at the same moment
    in two replicas can still leave nobody, and the operator then appoints somebody.
    """
    with source.locks.of(f"administrators:{call.tenant}"):
        lasting = _lasting(source.of(call))
        if lasting and all(each.subject == without_user or each.key == without for each in lasting):
            raise LastAdministrator
        yield


def _lasting(data: TenantData) -> list[Assignment]:
    """Returns the assignments without an end that make somebody an administrator of the whole tenant now."""
    root = root_of(data)
    where = {"area": root, "roles": Role.TENANT_ADMIN, "ended": False, "valid_until": None, "backup_of": ""}
    subjects = {row["subject"] for row in data.rows(Assignment, where, ["subject"], limit=ALL)}
    return [
        each
        for subject in sorted(subjects)
        if _is_active(data, subject)
        for each in current_assignments(data, subject)  # those by which the subject can sign in
        if each.area == root and Role.TENANT_ADMIN in each.roles and not (each.valid_until or each.backup_of)
    ]


def _is_active(data: TenantData, subject: str) -> bool:
    user = found(data, User, subject)
    return user is not None and user.active
