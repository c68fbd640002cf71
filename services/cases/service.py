"""The service `cases`: every use case of it, by concern."""

from __future__ import annotations

from chassis.protection import audit_log, key_ring
from chassis.resync import Resyncing
from chassis.runtime import Data, Provided
from services.cases import (
    analysis_desk,
    copies,
    counter_desk,
    deliberation_desk,
    evidence_desk,
    hotline_desk,
    mediation_desk,
    review_desk,
)
from services.cases.analysis_desk import AnalysisDesk
from services.cases.by_itself import ByItself
from services.cases.copies import Copies
from services.cases.counter_desk import CounterDesk
from services.cases.deliberation_desk import DeliberationDesk
from services.cases.dispatch_steps import DispatchSteps
from services.cases.evidence_desk import EvidenceDesk
from services.cases.hotline_desk import HotlineDesk
from services.cases.imports import Imports
from services.cases.intake_steps import IntakeSteps
from services.cases.judging_steps import JudgingSteps
from services.cases.mediation_desk import MediationDesk
from services.cases.merging_steps import MergingSteps
from services.cases.model.case import Case
from services.cases.reading import Reading
from services.cases.review_desk import ReviewDesk
from services.cases.terms import KeptLimits, Terms
from services.cases.work_steps import WorkSteps

_DESKS = (
    analysis_desk, counter_desk, deliberation_desk, evidence_desk, hotline_desk, mediation_desk, review_desk,
)  # fmt: skip


class Cases(
    IntakeSteps, DispatchSteps, WorkSteps, JudgingSteps, MergingSteps, Imports, Reading, ByItself,
    EvidenceDesk, HotlineDesk, CounterDesk, MediationDesk, DeliberationDesk, ReviewDesk, AnalysisDesk,
    Copies, Terms, Resyncing,
):  # fmt: skip
    """The steps of a case, what is read and what happens by itself; the desks beside it; copies of org's records."""

    name = "cases"
    data = Data(Case, KeptLimits, *copies.MODELS, *(model for desk in _DESKS for model in desk.MODELS))
    keys = Provided(key_ring)
    audit = Provided(audit_log)
