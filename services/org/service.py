"""The service `org`: who is responsible for which patch of the city."""

from __future__ import annotations

from chassis.messaging.resync import Resyncing
from chassis.usecases.service import Service
from services.org.posts.commands import People
from services.org.tenants.commands import Structure


class Org(Structure, People, Resyncing, Service):
    """Tenants and places are in `structure`, posts and people in `people`."""

    name = "org"
