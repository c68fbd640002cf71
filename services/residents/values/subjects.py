"""What values are about: a resident, a household or a dwelling, while it is there."""

from __future__ import annotations

from collections.abc import Mapping

from services.residents.dwellings.model import IN_USE, Dwelling
from services.residents.households.model import ACTIVE, Household
from services.residents.people.model import LIVING_HERE, Resident
from services.residents.placed import Placed

SUBJECTS: Mapping[str, type[Placed]] = {"resident": Resident, "household": Household, "dwelling": Dwelling}
#: The state of a subject that counts: the person lives here, the household is not dissolved, the dwelling is in use.
THERE: Mapping[str, str] = {"resident": LIVING_HERE, "household": ACTIVE, "dwelling": IN_USE}


def is_there(subject: Placed) -> bool:
    return getattr(subject, "state", "") in THERE.values()


def require_there(subject: Placed) -> None:
    """Raises the refusal that says what has become of it."""
    match subject:
        case Resident():
            subject.require_living_here()
        case Household():
            subject.require_active()
        case Dwelling():
            subject.require_in_use()
