"""Operations of units, posts and who holds them."""

from __future__ import annotations

from gateway.api.table import ADMIN, ANYBODY, Service
from services.org.api import posts as api

OWN_OR_ADMIN = "the person themselves, or a tenant admin for their area"
units = Service("org", answer=api.ListedUnit)
posts = Service("org", answer=api.ListedPost)
assignments = Service("org", answer=api.ListedAssignment)

OPERATIONS = [
    units.lists("/v1/units", "list_units", "Departments and the like", ANYBODY, api.ListedUnit, api.ListUnits),
    units.creates("/v1/units", "open_unit", "Open a department", ADMIN, api.UnitPlan),
    units.reads("/v1/units/{unit}", "get_unit", "A department", ANYBODY),
    units.sets("/v1/units/{unit}/name", "rename_unit", "Rename a department", ADMIN, api.UnitName),
    units.acts("/v1/units/{unit}/close", "close_unit", "Close a department", ADMIN),
    posts.lists("/v1/posts", "list_posts", "Posts of a place and below", ANYBODY, api.ListedPost, api.ListPosts),
    posts.creates("/v1/posts", "open_post", "Open a post", ADMIN, api.PostPlan),
    posts.acts(
        "/v1/posts/import",
        "import_posts",
        "Posts from a spreadsheet",
        ADMIN,
        api.PostSheet,
        answer=api.PostReport,
        together=False,
    ),
    posts.reads("/v1/posts/{post}", "get_post", "A post", ANYBODY),
    posts.sets("/v1/posts/{post}", "revise_post", "Change a post's title and duties", ADMIN, api.PostRevision),
    posts.acts("/v1/posts/{post}/close", "close_post", "Close a post", ADMIN),
    posts.reads(
        "/v1/posts/{post}/on-duty", "on_duty", "Who holds the post now, with AB backups", ANYBODY, answer=api.OnDuty
    ),
    posts.reads(
        "/v1/preview",
        "preview",
        "Who may do what: of a post, a person, or both",
        ADMIN,
        api.PreviewOf,
        answer=api.Preview,
    ),
    assignments.lists(
        "/v1/assignments",
        "list_assignments",
        "What somebody holds",
        OWN_OR_ADMIN,
        api.ListedAssignment,
        api.ListAssignments,
    ),
    assignments.creates(
        "/v1/assignments", "assign", "Give a post (四定): person, post, duty and area", ADMIN, api.Terms
    ),
    assignments.reads(
        "/v1/assignments/{assignment}",
        "get_assignment",
        "An assignment",
        OWN_OR_ADMIN,
        answer=api.ShownAssignment,
    ),
    assignments.acts("/v1/assignments/{assignment}/end", "end_assignment", "End an assignment", ADMIN),
    assignments.acts(
        "/v1/assignments/{assignment}/absences",
        "declare_absence",
        "Say when the B post acts (AB岗)",
        OWN_OR_ADMIN,
        api.AbsencePlan,
    ),
    assignments.acts(
        "/v1/assignments/{assignment}/absences/withdraw",
        "withdraw_absence",
        "Take an absence back",
        OWN_OR_ADMIN,
        api.AbsenceStart,
    ),
]
