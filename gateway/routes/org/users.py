"""Operations of users. The sign-in itself is the gateway's: `gateway.auth.routes`."""

from __future__ import annotations

from gateway.api.table import ADMIN, ANYBODY, Service
from services.org.api import users as api

WHOLE_TENANT = "tenant admin, for the whole tenant"
OF_THE_USER = "tenant admin, for the area of all posts of a member of staff; else for the whole tenant"
org = Service("org", answer=api.UserStatus)

OPERATIONS = [
    org.lists(
        "/v1/users",
        "list_users",
        "Users with their names; the reading is audited",
        WHOLE_TENANT,
        api.ListedUser,
        api.ListUsers,
    ),
    org.creates("/v1/users", "add_user", "Add a member of staff", ADMIN, api.NewUser, answer=api.UserSubject),
    org.reads(
        "/v1/users/{user}",
        "get_user",
        "Name, login and phone; the reading is audited",
        "the person themselves; " + OF_THE_USER,
        answer=api.ShownUser,
    ),
    org.acts("/v1/users/{user}/disable", "disable_user", "Disable: their tokens end within a minute", OF_THE_USER),
    org.acts("/v1/users/{user}/enable", "enable_user", "Enable again", OF_THE_USER),
    org.acts(
        "/v1/users/{user}/password",
        "reset_password",
        "Give a new password",
        OF_THE_USER,
        api.NewPassword,
        together=False,
    ),
    org.acts(
        "/v1/users/{user}/identities",
        "link_identity",
        "Link a sign-in at a trusted issuer",
        OF_THE_USER,
        api.ForeignIdentity,
        answer=api.UserSubject,
    ),
    org.reads("/v1/me/standings", "my_standings", "All that I may act as", ANYBODY, answer=list[api.Standing]),
    org.acts(
        "/v1/me/password",
        "change_password",
        "Change my password; other sign-ins end",
        ANYBODY,
        api.PasswordChange,
        together=False,
    ),
]
