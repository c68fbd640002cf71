"""Routes of the categories of residents (资源型、服务型、管理型)."""

from __future__ import annotations

from chassis.types import Complete, RecordState
from gateway.api.table import RouteBuilder
from services.residents.api import categories as api
from services.residents.api.people import Reading
from vocabulary.roles import Permission

residents = RouteBuilder("residents", RecordState, tag="categories of residents")

_KEEP, _READ = Permission.KEEP_CATEGORIES, Permission.READ_MANAGED
_PROPOSE, _APPROVE = Permission.PROPOSE_MANAGED, Permission.APPROVE_MANAGED
_OF_RESIDENT = "/v1/residents/{resident}/categories"
_CATEGORIES = "/v1/resident-categories"
_ENTRY = _CATEGORIES + "/{entry}"
_MANAGED = _CATEGORIES + "/managed"
_MANAGED_ENTRY = _MANAGED + "/{entry}"

OPERATIONS = [
    residents.creates(_OF_RESIDENT, "record_category", "Put a resident into a category", _KEEP, api.NewCategory),
    residents.reads(
        _OF_RESIDENT, "list_categories", "List the categories of a resident", _KEEP,
        answer=Complete[api.ListedCategory],
    ),
    residents.lists(
        _CATEGORIES, "list_entries_in_force", "List the entries of an area, or those to review", _KEEP,
        api.ListedCategory, api.ListCategories,
    ),
    residents.creates(
        _OF_RESIDENT + "/managed", "propose_managed", "Propose statutory management of a resident", _PROPOSE,
        api.NewManaged,
    ),
    residents.asks(
        _OF_RESIDENT + "/managed/open", "open_managed", "Read the statutory management of a resident, for that purpose",
        _READ, Reading, answer=Complete[api.OpenedManaged],
    ),
    residents.asks(
        _MANAGED + "/search", "list_managed", "List the statutory management of your area, for that purpose", _READ,
        api.ListManaged, answer=Complete[api.ListedManaged],
    ),
    residents.acts(
        _MANAGED_ENTRY + "/approve", "approve_managed", "Approve statutory management; two must", _APPROVE, Reading
    ),
    residents.acts(_MANAGED_ENTRY + "/refuse", "refuse_managed", "Refuse statutory management", _APPROVE, Reading),
    residents.acts(
        _MANAGED_ENTRY + "/review", "review_managed", "Confirm statutory management until its end", _APPROVE,
        api.ManagedReview,
    ),
    residents.acts(_MANAGED_ENTRY + "/end", "end_managed", "End statutory management, or its proposal", _READ, Reading),
    residents.reads(_ENTRY, "get_category", "Get an entry, without its notes", _KEEP, answer=api.ListedCategory),
    residents.asks(
        _ENTRY + "/open", "open_category", "Read an entry with its notes, for a purpose", _KEEP, Reading,
        answer=api.OpenedCategory,
    ),
    residents.acts(_ENTRY + "/review", "review_category", "Confirm that the entry still holds", _KEEP, api.Reviewed),
    residents.acts(_ENTRY + "/end", "end_category", "End the entry", _KEEP, api.EndedCategory),
]  # fmt: skip
