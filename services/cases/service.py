"""The service `cases`: every use case of it, by concern."""

from __future__ import annotations

from chassis.protection import audit_log, key_ring
from chassis.resync import Resyncing
from chassis.runtime import Data, Provided
from services.cases import copies
from services.cases.by_itself import ByItself
from services.cases.copies import Copies
from services.cases.dispatch_steps import DispatchSteps
from services.cases.imports import Imports
from services.cases.intake_steps import IntakeSteps
from services.cases.judging_steps import JudgingSteps
from services.cases.merging_steps import MergingSteps
from services.cases.model.case import Case
from services.cases.model.evidence import Photo
from services.cases.reading import Reading
from services.cases.terms import KeptLimits, Terms
from services.cases.work_steps import WorkSteps


class Cases(
    IntakeSteps, DispatchSteps, WorkSteps, JudgingSteps, MergingSteps, Imports,
    Reading, ByItself, Copies, Terms, Resyncing,
):  # fmt: skip
    """Steps on cases first, then what is read, what happens by itself, and the copies of org's records."""

    name = "cases"
    data = Data(Case, Photo, KeptLimits, *copies.MODELS)
    keys = Provided(key_ring)
    audit = Provided(audit_log)
