"""People and their posts, units, and what a city decides about them: lists, whistle table, powers, sponsors."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from chassis.types import NOT_BLANK
from gateway.api.answers import Found
from gateway.api.old_table import ADMIN, ANYBODY, Service
from gateway.api.rows import (
    ListedAssignment,
    ListedEntry,
    ListedPost,
    ListedSponsorship,
    ListedUnit,
    ListedUser,
    ListedWhistleRule,
)
from gateway.api.types import Category, CategoryIfAny, Id, Lead, Moment, Note, Path, Title, Unit, Word, form

org = Service("org")

Kind = Literal["staff", "resident", "courier"]
Sponsorship = Literal["sponsor", "overseer"]
UnitKind = Literal["department", "institution", "enterprise"]
ListKind = Literal["duties", "public_services", "territorial"]
PostKind = Literal[
    "grid_worker", "grid_leader", "party_group_leader", "stairwell_leader", "building_leader", "helper",
    "community_worker", "street_officer", "centre_officer", "counter_clerk", "hotline_agent", "inspector",
    "tenant_admin", "department_officer", "posted_officer", "supervisor",
]  # fmt: skip
Password = Annotated[str, Field(min_length=1, max_length=128)]
Login = Annotated[str, Field(min_length=3, max_length=64, pattern=r"^\S+$")]
Phone = Annotated[str, Field(max_length=20, pattern=r"^[0-9+ -]*$")]
Words = Annotated[list[Word], Field(max_length=50)]
Titles = Annotated[list[Note], Field(max_length=20)]
Spreadsheet = Annotated[str, Field(max_length=1_400_000, description="CSV (UTF-8 or GB 18030) as base64.")]
NewUnit = Annotated[Id, Field(description="The id that it gets, like `urban-management`.")]
OWN_OR_ADMIN = "the person themselves, or a tenant admin for their area"
WHOLE_TENANT = "tenant admin, for the whole tenant"
OF_THE_USER = "tenant admin, for the area of all posts of a member of staff; else for the whole tenant"

OPERATIONS = [
    org.lists("/v1/units", "list_units", "Departments and the like", ANYBODY, ListedUnit, kind=UnitKind | None),
    org.creates(
        "/v1/units", "open_unit", "Open a department", ADMIN, unit=NewUnit, name=Title, kind=UnitKind, path=Path
    ),
    org.reads("/v1/units/{unit}", "get_unit", "A department", ANYBODY),
    org.sets("/v1/units/{unit}/name", "rename_unit", "Rename a department", ADMIN, name=Title),
    org.acts("/v1/units/{unit}/close", "close_unit", "Close a department", ADMIN),
    org.lists(
        "/v1/posts", "list_posts", "Posts of a place and below", ANYBODY, ListedPost, place=Id, kind=PostKind | None
    ),
    org.creates(
        "/v1/posts",
        "open_post",
        "Open a post",
        ADMIN,
        _into="plan",
        kind=PostKind,
        title=Title,
        unit=Unit,
        area=Path,
        duties=Titles | None,
    ),
    org.acts("/v1/posts/import", "import_posts", "Posts from a spreadsheet", ADMIN, file=Spreadsheet, _together=False),
    org.reads("/v1/posts/{post}", "get_post", "A post", ANYBODY),
    org.sets("/v1/posts/{post}", "revise_post", "Change a post's title and duties", ADMIN, title=Title, duties=Titles),
    org.acts("/v1/posts/{post}/close", "close_post", "Close a post", ADMIN),
    org.reads("/v1/posts/{post}/on-duty", "on_duty", "Who holds the post now, with AB backups", ANYBODY),
    org.reads(
        "/v1/preview",
        "preview",
        "Who may do what: of a post, a person, or both",
        ADMIN,
        post=Id | None,
        subject=Id | None,
    ),
    org.lists("/v1/assignments", "list_assignments", "What somebody holds", OWN_OR_ADMIN, ListedAssignment, subject=Id),
    org.creates(
        "/v1/assignments",
        "assign",
        "Give a post (四定): person, post, duty and area",
        ADMIN,
        _into="terms",
        _body=form(
            "AssignmentTerms",
            subject=Id | None,
            post=Id | None,
            duty=Note | None,
            area=Path | None,
            valid_from=Moment | None,
            valid_until=Moment | None,
            backup_of=Id | None,
        ),
    ),
    org.reads("/v1/assignments/{assignment}", "get_assignment", "An assignment", OWN_OR_ADMIN),
    org.acts("/v1/assignments/{assignment}/end", "end_assignment", "End an assignment", ADMIN),
    org.acts(
        "/v1/assignments/{assignment}/absences",
        "declare_absence",
        "Say when the B post acts (AB岗)",
        OWN_OR_ADMIN,
        start=Moment,
        end=Moment,
    ),
    org.acts(
        "/v1/assignments/{assignment}/absences/withdraw",
        "withdraw_absence",
        "Take an absence back",
        OWN_OR_ADMIN,
        start=Moment,
    ),
    org.lists(
        "/v1/users",
        "list_users",
        "Users with their names; the reading is audited",
        WHOLE_TENANT,
        ListedUser,
        kind=Kind | None,
    ),
    org.creates(
        "/v1/users",
        "add_user",
        "Add a member of staff",
        ADMIN,
        _into="user",
        login=Login,
        password=Password,
        name=Title,
        phone=Phone | None,
    ),
    org.reads(
        "/v1/users/{user}",
        "get_user",
        "Name, login and phone; the reading is audited",
        "the person themselves; " + OF_THE_USER,
    ),
    org.acts("/v1/users/{user}/disable", "disable_user", "Disable: their tokens end within a minute", OF_THE_USER),
    org.acts("/v1/users/{user}/enable", "enable_user", "Enable again", OF_THE_USER),
    org.acts(
        "/v1/users/{user}/password", "reset_password", "Give a new password", OF_THE_USER, new=Password, _together=False
    ),
    org.acts(
        "/v1/users/{user}/identities",
        "link_identity",
        "Link a sign-in at a trusted issuer",
        OF_THE_USER,
        issuer=Annotated[str, Field(max_length=200)],
        subject=Annotated[str, Field(max_length=200)],
    ),
    org.reads("/v1/me/standings", "my_standings", "All that I may act as", ANYBODY, _answer=list[dict[str, Any]]),
    org.acts(
        "/v1/me/password",
        "change_password",
        "Change my password; other sign-ins end",
        ANYBODY,
        old=Password,
        new=Password,
        _together=False,
    ),
    org.lists(
        "/v1/list-entries",
        "list_entries",
        "The responsibility lists (三张清单)",
        ANYBODY,
        ListedEntry,
        category=CategoryIfAny | None,
        kind=ListKind | None,
    ),
    org.creates(
        "/v1/list-entries",
        "make_list_entry",
        "Add to a responsibility list",
        ADMIN,
        _into="entry",
        kind=ListKind,
        category=Category,
        tier=Word,
        lead=Lead,
        legal_basis=Annotated[str, Field(max_length=400, pattern=NOT_BLANK)],
        supporting=Words | None,
        valid_from=Moment | None,
        valid_until=Moment | None,
    ),
    org.acts("/v1/list-entries/{entry}/end", "end_list_entry", "End an entry", ADMIN, at=Moment | None),
    org.reads(
        "/v1/responsible",
        "responsible",
        "The entry that holds for a category at a tier",
        ANYBODY,
        category=Category,
        tier=Word,
        at=Moment | None,
    ),
    org.lists("/v1/whistle-rules", "list_whistle_rules", "The whistle table", ANYBODY, ListedWhistleRule),
    org.creates(
        "/v1/whistle-rules",
        "make_whistle_rule",
        "Allow a role to whistle for units",
        ADMIN,
        _into="rule",
        caller=Word,
        units=Words,
        area=Path,
        categories=Words | None,
    ),
    org.acts("/v1/whistle-rules/{rule}/withdraw", "withdraw_whistle_rule", "Withdraw a rule", ADMIN),
    org.reads("/v1/callable-units", "callable_units", "Whom I may whistle for", ANYBODY, category=Category, place=Path),
    org.reads("/v1/powers", "list_powers", "The authority matrix (六项权力)", ANYBODY, _answer=Found),
    org.sets(
        "/v1/powers/{power}",
        "set_power",
        "Say which tiers hold a power",
        ADMIN,
        tiers=Words,
        name=Word | None,
        name_zh=Word | None,
    ),
    org.reads("/v1/powers/{power}/mine", "require_power", "Whether my tier holds it; 403 when not", ANYBODY),
    org.lists(
        "/v1/sponsorships", "list_sponsorships", "Sponsors or overseers", ANYBODY, ListedSponsorship, kind=Sponsorship
    ),
    org.sets("/v1/sponsors", "name_sponsor", "A leader sponsors a street or community", ADMIN, area=Path, subject=Id),
    org.sets("/v1/overseers", "name_overseer", "A department oversees a grid", ADMIN, area=Path, unit=Unit),
    org.acts("/v1/sponsorships/end", "end_sponsorship", "End one", ADMIN, kind=Sponsorship, area=Path),
]
