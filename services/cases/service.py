"""Service `cases`: composes its use cases."""

from __future__ import annotations

from chassis.context import Context
from chassis.usecases.service import Service
from services.cases.analytics.projection import FactsProjection
from services.cases.analytics.queries import AnalyticsQueries
from services.cases.case.case_counts import CaseCounts
from services.cases.case.commands.bulk_import import BulkImport
from services.cases.case.commands.dispatch import DispatchCommands
from services.cases.case.commands.intake import IntakeCommands
from services.cases.case.commands.merge import MergeCommands
from services.cases.case.commands.quality import QualityCommands
from services.cases.case.commands.visits import VisitCases
from services.cases.case.commands.work import WorkCommands
from services.cases.case.queries import CaseQueries
from services.cases.case.timers import CaseTimers
from services.cases.counter.commands import CounterCommands
from services.cases.deliberation.commands import DeliberationCommands
from services.cases.directory.limit_versions import LimitVersions
from services.cases.directory.replicas import OrgReplicas
from services.cases.directory.spoken import Spoken
from services.cases.evidence.commands import EvidenceCommands
from services.cases.hotline.commands import HotlineCommands
from services.cases.mediation.commands import MediationCommands
from services.cases.reviews.commands import ReviewCommands


class Cases(
    IntakeCommands, DispatchCommands, WorkCommands, QualityCommands, MergeCommands, BulkImport, CaseQueries, CaseTimers,
    CaseCounts, EvidenceCommands, HotlineCommands, CounterCommands, MediationCommands, DeliberationCommands,
    ReviewCommands, VisitCases, FactsProjection, AnalyticsQueries, OrgReplicas, LimitVersions, Service,
):  # fmt: skip
    """Case aggregate with its timers, the aggregates beside it, analytics, and the replicas of org's records."""

    name = "cases"

    def words(self, context: Context) -> Spoken:
        return Spoken(self.data.of(context))
