"""Routes of units, posts and assignments."""

from __future__ import annotations

from gateway.api.table import ADMIN, ANYBODY, RouteBuilder
from services.org.api import posts as api
from vocabulary.roles import Permission

OWN_OR_ADMIN = Permission.MANAGE_ASSIGNMENT
units = RouteBuilder("org", answer=api.ListedUnit, tag="units")
posts = RouteBuilder("org", answer=api.ListedPost, tag="posts")
assignments = RouteBuilder("org", answer=api.ListedAssignment, tag="posts")

OPERATIONS = [
    units.lists("/v1/units", "list_units", "List departments and other units", ANYBODY, api.ListedUnit, api.ListUnits),
    units.creates("/v1/units", "open_unit", "Open a department", ADMIN, api.UnitPlan),
    units.reads("/v1/units/{unit}", "get_unit", "Get a department", ANYBODY),
    units.sets("/v1/units/{unit}/name", "rename_unit", "Rename a department", ADMIN, api.UnitName),
    units.acts("/v1/units/{unit}/close", "close_unit", "Close a department", ADMIN),
    posts.lists(
        "/v1/posts", "list_posts", "List the posts of a place and below it", ANYBODY, api.ListedPost, api.ListPosts
    ),
    posts.creates("/v1/posts", "open_post", "Open a post", ADMIN, api.PostPlan),
    posts.acts(
        "/v1/posts/import",
        "import_posts",
        "Import posts from a spreadsheet",
        ADMIN,
        api.PostSheet,
        answer=api.PostReport,
        bulk=True,
    ),
    posts.reads("/v1/posts/{post}", "get_post", "Get a post", ANYBODY),
    posts.sets("/v1/posts/{post}", "revise_post", "Change the title and duties of a post", ADMIN, api.PostRevision),
    posts.acts("/v1/posts/{post}/close", "close_post", "Close a post", ADMIN),
    posts.reads(
        "/v1/posts/{post}/on-duty", "on_duty", "Show who holds a post now, with AB backups", ANYBODY, answer=api.OnDuty
    ),
    posts.reads(
        "/v1/preview",
        "preview",
        "Preview what a post, a person, or both may do",
        ADMIN,
        api.PreviewOf,
        answer=api.Preview,
    ),
    assignments.lists(
        "/v1/assignments",
        "list_assignments",
        "List the assignments of a person",
        OWN_OR_ADMIN,
        api.ListedAssignment,
        api.ListAssignments,
    ),
    assignments.creates(
        "/v1/assignments", "assign", "Assign a post (四定): person, post, duty and area", ADMIN, api.Terms
    ),
    assignments.reads(
        "/v1/assignments/{assignment}",
        "get_assignment",
        "Get an assignment",
        OWN_OR_ADMIN,
        answer=api.ShownAssignment,
    ),
    assignments.acts("/v1/assignments/{assignment}/end", "end_assignment", "End an assignment", ADMIN),
    assignments.acts(
        "/v1/assignments/{assignment}/absences",
        "declare_absence",
        "Declare an absence during which the B post acts (AB岗)",
        OWN_OR_ADMIN,
        api.AbsencePlan,
    ),
    assignments.acts(
        "/v1/assignments/{assignment}/absences/withdraw",
        "withdraw_absence",
        "Withdraw an absence",
        OWN_OR_ADMIN,
        api.AbsenceStart,
    ),
]
