"""Service `residents`: dwellings, households and residents (人房), with their needs."""

from __future__ import annotations

from chassis.context import Context
from chassis.usecases.service import Service
from services.residents.categories.commands import CategoryCommands
from services.residents.dictionary.commands import DictionaryCommands
from services.residents.directory.replicas import OrgReplicas
from services.residents.directory.spoken import Spoken
from services.residents.dwellings.commands import DwellingCommands
from services.residents.forms.commands import FormCommands
from services.residents.households.commands import HouseholdCommands
from services.residents.imports.commands import RegisterImport
from services.residents.ledgers.queries import LedgerQueries
from services.residents.managed.commands import ManagedCommands
from services.residents.needs.commands import NeedCommands
from services.residents.own_record.commands import OwnRecordCommands
from services.residents.own_record.queries import OwnRecordQueries
from services.residents.people.commands import PeopleCommands
from services.residents.people.counts import ResidentCounts
from services.residents.readings.commands import ReadingAlertCommands
from services.residents.readings.counts import ReadingAlertCounts
from services.residents.readings.judging import ReadingJudging
from services.residents.reports.commands import ReportCommands
from services.residents.representatives.commands import RepresentativeCommands
from services.residents.rights_requests.commands import RightsRequestCommands
from services.residents.sheets.queries import SheetQueries
from services.residents.submissions.commands import SubmissionCommands
from services.residents.submissions.queries import SubmissionQueries
from services.residents.tables.commands import TableCommands
from services.residents.tasks.commands import TaskCommands
from services.residents.tasks.queries import TaskQueries
from services.residents.values.following import FollowingValues
from services.residents.visits.commands import VisitCommands
from services.residents.xforms.exchange import FormExchange
from services.residents.xforms.phone import PhoneQueries


class Residents(
    DwellingCommands,
    HouseholdCommands,
    PeopleCommands,
    RegisterImport,
    DictionaryCommands,
    FormCommands,
    FormExchange,
    TaskCommands,
    SubmissionCommands,
    SubmissionQueries,
    PhoneQueries,
    TaskQueries,
    FollowingValues,
    LedgerQueries,
    ReportCommands,
    TableCommands,
    CategoryCommands,
    ManagedCommands,
    NeedCommands,
    VisitCommands,
    RepresentativeCommands,
    OwnRecordCommands,
    OwnRecordQueries,
    RightsRequestCommands,
    SheetQueries,
    ReadingAlertCommands,
    ReadingJudging,
    ReadingAlertCounts,
    ResidentCounts,
    OrgReplicas,
    Service,
):
    """The record of who lives where, sealed, and the replicas of org's records."""

    name = "residents"

    def words(self, context: Context) -> Spoken:
        return Spoken(self.data.of(context))
