"""The nameko service `org`: organisational structure, people and responsibilities of each tenant."""

from __future__ import annotations

from chassis.context import Context
from chassis.usecases.service import Service
from services.org.app_passwords.commands import AppPasswordCommands
from services.org.divisions.commands import DivisionCommands
from services.org.emergencies.commands import EmergencyCommands
from services.org.grids.commands import GridCommands
from services.org.grids.merge_process import GridMergeCommands
from services.org.party.commands import PartyCommands
from services.org.posts.commands import PostCommands
from services.org.posts.queries import PostQueries
from services.org.responsibilities.commands import ResponsibilityCommands
from services.org.spoken import Spoken
from services.org.tenants.commands import TenantCommands
from services.org.users.commands import UserCommands
from services.org.users.sign_in import SignIn


class Org(
    TenantCommands, DivisionCommands, GridCommands, GridMergeCommands, PartyCommands, EmergencyCommands, PostCommands,
    PostQueries, UserCommands, SignIn, AppPasswordCommands, ResponsibilityCommands, Service,
):  # fmt: skip
    """Combines the commands, queries and event handlers of every aggregate of org."""

    name = "org"

    def words(self, context: Context) -> Spoken:
        return Spoken(self.data.of(context))
