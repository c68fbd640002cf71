"""Routes of users. The gateway itself handles sign-ins: `gateway.auth.routes`."""

from __future__ import annotations

from gateway.api.table import ADMIN, ANYBODY, RouteBuilder
from services.org.api import users as api
from vocabulary.roles import Permission

WHOLE_TENANT = "for the whole city"
OF_THE_USER = "of all posts of a member of staff; else for the whole city"
org = RouteBuilder("org", answer=api.UserStatus, tag="users")

OPERATIONS = [
    org.lists(
        "/v1/users",
        "list_users",
        "List users with their names (audited)",
        ADMIN,
        api.ListedUser,
        api.ListUsers,
        condition=WHOLE_TENANT,
    ),
    org.creates(
        "/v1/users",
        "add_user",
        "Add a member of staff",
        (ADMIN, Permission.OPERATE),
        api.NewUser,
        answer=api.UserId,
    ),
    org.reads(
        "/v1/users/{user}",
        "get_user",
        "Get the name, login and phone of a user (audited)",
        Permission.READ_USER,
        condition=OF_THE_USER,
        answer=api.ShownUser,
    ),
    org.acts(
        "/v1/users/{user}/disable",
        "disable_user",
        "Disable a user; their sign-ins end within a minute, and for all administration at once",
        ADMIN,
        condition=OF_THE_USER,
    ),
    org.acts("/v1/users/{user}/enable", "enable_user", "Enable a user again", ADMIN, condition=OF_THE_USER),
    org.acts(
        "/v1/users/{user}/password",
        "reset_password",
        "Reset the password of a user",
        ADMIN,
        api.NewPassword,
        condition=OF_THE_USER,
        batched=False,
    ),
    org.acts(
        "/v1/users/{user}/identities",
        "link_identity",
        "Link a user to a sign-in of a trusted issuer",
        ADMIN,
        api.ForeignIdentity,
        condition=OF_THE_USER,
        answer=api.UserId,
    ),
    org.reads(
        "/v1/me/standings",
        "my_standings",
        "List the posts that the caller may act as",
        ANYBODY,
        answer=list[api.Standing],
    ),
    org.acts(
        "/v1/me/password",
        "change_password",
        "Change the caller's password; other sign-ins end",
        ANYBODY,
        api.PasswordChange,
        batched=False,
    ),
]
