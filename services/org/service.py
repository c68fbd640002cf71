"""The service `org`: who is responsible for which patch of the city."""

from __future__ import annotations

from chassis.resync import Resyncing
from chassis.runtime import Data
from services.org import people, structure
from services.org.people import People
from services.org.structure import Structure


class Org(Structure, People, Resyncing):
    """Tenants and places are in `structure`, posts and people in `people`."""

    name = "org"
    data = Data(*structure.MODELS, *people.MODELS)
