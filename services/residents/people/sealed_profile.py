"""Sealing of profiles, for all use cases that make or change one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from chassis.context import Context
from chassis.security.principal import codes_of
from services.residents.people.model import SEALED, Resident
from services.residents.people.profile import Profile
from services.residents.records import ResidentsUseCases


class SealedProfiles(ResidentsUseCases):
    def sealed_profile(self, context: Context, profile: Profile, area: str) -> tuple[dict[str, str], dict[str, Any]]:
        """Returns the sealed fields of a profile, and the facts that are kept in the clear, for somebody in `area`."""
        texts = profile.sealed_texts()
        sealed = {name: self._seal(context, text, f"resident.{name}") for name, text in texts.items()}
        return sealed, self.facts(context, profile, area)

    def corrected_profile(
        self, context: Context, resident: Resident, given: Mapping[str, Any], today: date
    ) -> tuple[dict[str, str], dict[str, Any]]:
        """Returns the sealed fields that change if these are given, and the facts. Raises `Invalid`."""
        before = self.profile_of(context, resident)
        profile = before.corrected(**given)
        profile.require_born_by(today)
        texts, known = profile.sealed_texts(), before.sealed_texts()
        changed = {name: text for name, text in texts.items() if text != known[name]}
        sealed = {name: self._seal(context, text, f"resident.{name}") for name, text in changed.items()}
        return sealed, self.facts(context, profile, resident.area)

    def profile_of(self, context: Context, resident: Resident) -> Profile:
        """Returns the profile in the clear, to work with: nobody gets to see it."""
        sealer = self.keys.of(context.tenant)
        opened = {
            name: sealer.open(getattr(resident, name), f"residents.resident.{name}") if getattr(resident, name) else ""
            for name in SEALED
        }
        born = opened.pop("birthday")
        return Profile(**opened, birthday=date.fromisoformat(born) if born else None, sex=resident.sex)

    def facts(self, context: Context, profile: Profile, area: str) -> dict[str, Any]:
        blind, born = self.keys.of(context.tenant).blind, profile.birthday.year if profile.birthday else None
        return {"sex": profile.sex, "born_year": born, "tokens": profile.tokens(blind, codes_of(area))}
