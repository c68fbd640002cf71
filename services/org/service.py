"""The service `org`: who is responsible for which patch of the city."""

from __future__ import annotations

from chassis.messaging.resync import Resyncing
from chassis.process.runtime import Data
from services.org.posts import commands
from services.org.posts.commands import People
from services.org.tenants import commands as structure
from services.org.tenants.commands import Structure


class Org(Structure, People, Resyncing):
    """Tenants and places are in `structure`, posts and people in `people`.

    Each event that says `changed` carries the full public state of its aggregate, and every field of it, so that
    a copy never keeps a value which has been taken away.
    """

    name = "org"
    data = Data(*structure.MODELS, *commands.MODELS)
