"""Base of the use cases of residents."""

from __future__ import annotations

from chassis.usecases.sealed_records import SealedRecords


class ResidentsUseCases(SealedRecords):
    owner = "residents"
