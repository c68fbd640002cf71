"""The service `cases`: every use case of it, by concern."""

from __future__ import annotations

from chassis.messaging.resync import Resyncing
from chassis.process.runtime import Data, Provided
from chassis.security.providers import audit_log, key_ring
from services.cases.analytics import queries as analytics
from services.cases.analytics.queries import AnalysisDesk
from services.cases.case.commands.bulk_import import Imports
from services.cases.case.commands.dispatch import DispatchSteps
from services.cases.case.commands.intake import IntakeSteps
from services.cases.case.commands.merge import MergingSteps
from services.cases.case.commands.quality import JudgingSteps
from services.cases.case.commands.work import WorkSteps
from services.cases.case.model.case import Case
from services.cases.case.queries import Reading
from services.cases.case.timers import ByItself
from services.cases.counter import commands as counter
from services.cases.counter.commands import CounterDesk
from services.cases.deliberation import commands as deliberation
from services.cases.deliberation.commands import DeliberationDesk
from services.cases.directory import replicas
from services.cases.directory.limit_versions import KeptLimits, Terms
from services.cases.directory.replicas import Copies
from services.cases.evidence import commands as evidence
from services.cases.evidence.commands import EvidenceDesk
from services.cases.hotline import commands as hotline
from services.cases.hotline.commands import HotlineDesk
from services.cases.mediation import commands as mediation
from services.cases.mediation.commands import MediationDesk
from services.cases.reviews import commands as reviews
from services.cases.reviews.commands import ReviewDesk

_DOCUMENTS = (
    Case, KeptLimits, *replicas.MODELS, *analytics.MODELS, *counter.MODELS, *deliberation.MODELS, *evidence.MODELS,
    *hotline.MODELS, *mediation.MODELS, *reviews.MODELS,
)  # fmt: skip


class Cases(
    IntakeSteps, DispatchSteps, WorkSteps, JudgingSteps, MergingSteps, Imports, Reading, ByItself,
    EvidenceDesk, HotlineDesk, CounterDesk, MediationDesk, DeliberationDesk, ReviewDesk, AnalysisDesk,
    Copies, Terms, Resyncing,
):  # fmt: skip
    """The steps of a case, what is read and what happens by itself; the desks beside it; copies of org's records."""

    name = "cases"
    data = Data(*_DOCUMENTS)
    keys = Provided(key_ring)
    audit = Provided(audit_log)
