"""Sealing of profiles, for all use cases that make or change one."""

from __future__ import annotations

from typing import Any

from chassis.context import Context
from chassis.security.principal import codes_of
from services.residents.people.profile import Profile
from services.residents.records import ResidentsUseCases


class SealedProfiles(ResidentsUseCases):
    def sealed_profile(self, context: Context, profile: Profile, area: str) -> tuple[dict[str, str], dict[str, Any]]:
        """Returns the sealed fields of a profile, and the facts that are kept in the clear, for somebody in `area`."""
        texts = profile.sealed_texts()
        sealed = {name: self._seal(context, text, f"resident.{name}") for name, text in texts.items()}
        return sealed, self.facts(context, profile, area)

    def facts(self, context: Context, profile: Profile, area: str) -> dict[str, Any]:
        blind, born = self.keys.of(context.tenant).blind, profile.birthday.year if profile.birthday else None
        return {"sex": profile.sex, "born_year": born, "tokens": profile.tokens(blind, codes_of(area))}
