"""The service `org`: who is responsible for which patch of the city."""

from __future__ import annotations

from chassis.messaging.resync import Resyncing
from chassis.process.runtime import Data, Provided
from chassis.security.providers import audit_log, key_ring
from services.org.divisions import commands as divisions
from services.org.divisions.commands import DivisionCommands
from services.org.emergencies import commands as emergencies
from services.org.emergencies.commands import EmergencyCommands
from services.org.grids import commands as grids
from services.org.grids.commands import GridCommands
from services.org.grids.merge_process import GridMergeCommands
from services.org.party import commands as party
from services.org.party.commands import PartyCommands
from services.org.posts import commands as posts
from services.org.posts.commands import PostCommands
from services.org.posts.queries import PostQueries
from services.org.responsibilities import commands as responsibilities
from services.org.responsibilities.commands import ResponsibilityCommands
from services.org.tenants import commands as tenants
from services.org.tenants.commands import TenantCommands
from services.org.users import commands as users
from services.org.users.commands import UserCommands
from services.org.users.sign_in import SignIn

_DOCUMENTS = (
    *tenants.MODELS, *divisions.MODELS, *grids.MODELS, *party.MODELS, *emergencies.MODELS, *posts.MODELS, *users.MODELS,
    *responsibilities.MODELS,
)  # fmt: skip


class Org(
    TenantCommands, DivisionCommands, GridCommands, GridMergeCommands, PartyCommands, EmergencyCommands, PostCommands,
    PostQueries, UserCommands, SignIn, ResponsibilityCommands, Resyncing,
):  # fmt: skip
    """Tenants and places, posts and people, and what a tenant decides about its units."""

    name = "org"
    data = Data(*_DOCUMENTS)
    keys = Provided(key_ring)
    audit = Provided(audit_log)
