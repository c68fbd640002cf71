"""Timer that judges reading by the audit log: see docs/decisions/0038-unusual-reading.md."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence

from pymongo.errors import PyMongoError

from chassis import metrics
from chassis.audit.chain import Entry
from chassis.audit.follower import AuditFollower
from chassis.entrypoints.consumer import every
from chassis.errors import Problem
from chassis.moments import months_from
from chassis.persistence.tenant_data import ALL, TenantData
from chassis.process.providers import audit_follower
from chassis.process.runtime import Provided
from chassis.usecases.records import put, step_answer
from chassis.usecases.service import Documents, UseCases
from services.residents.readings.lookups import areas_of, judge_of, limits_of, root_of
from services.residents.readings.model import COUNTING, DECIDED, ReadingAlert
from services.residents.readings.rules import Judge, Opening
from vocabulary.reading import ReadingRule

log = logging.getLogger(__name__)
#: What the actions in the audit log end in that show sealed data as it is; `read` is of what is shown masked.
_OPENS = ("opened", "listed")


class ReadingJudging(UseCases):
    documents: Documents = (ReadingAlert,)
    audit_log: AuditFollower = Provided(audit_follower)

    @every(interval=5)
    def judge_readings(self) -> None:
        if not self.data.leads("judge_readings"):
            return
        try:
            self.audit_log.follow(self._judge)
        except (PyMongoError, Problem) as error:
            log.warning("reading is judged later: %s", type(error).__name__)

    @every(interval=600)
    def forget_readings(self) -> None:
        self.data.each_tenant(_forget)

    def _judge(self, writer: str, entries: Sequence[Entry]) -> None:
        """What cannot be judged now is tried again; what never can does not hold up the rest."""
        by_reader: dict[tuple[str, str], list[Entry]] = defaultdict(list)
        for entry in entries:
            if entry.action.rpartition(".")[2] in _OPENS:
                by_reader[entry.tenant, entry.actor].append(entry)
        for (tenant, reader), read in by_reader.items():
            try:
                _judge_reader(self.data.as_system(tenant), writer, reader, read)
            except (PyMongoError, Problem):
                raise
            except Exception:  # the boundary: one odd entry must not hold up the others
                metrics.timer_failures.inc()
                log.exception("entries %s to %s are not judged", read[0].id, read[-1].id)


def _judge_reader(data: TenantData, writer: str, reader: str, entries: Sequence[Entry]) -> None:
    judge = judge_of(data, reader)
    areas = areas_of(data, {subject for entry in entries for subject in entry.subjects})
    by_day: dict[str, list[Opening]] = defaultdict(list)
    for entry in entries:
        opening = Opening(entry.number, entry.at, {subject: areas[subject] for subject in entry.subjects})
        by_day[entry.at.astimezone(judge.zone).date().isoformat()].append(opening)
    for day, openings in by_day.items():
        for rule in ReadingRule:
            _apply(data, judge, rule, (writer, reader, day), openings)


def _apply(
    data: TenantData, judge: Judge, rule: ReadingRule, whose: tuple[str, str, str], openings: Sequence[Opening]
) -> None:
    threshold, (writer, reader, day) = judge.threshold(rule), whose
    unusual = {each.number: found for each in openings if (found := judge.unusual(rule, each))}
    if not threshold or not unusual:
        return
    at_work = [area for each in openings for area in judge.areas(each.at)]
    areas = at_work if at_work or _has_area(unusual) else [root_of(data)]

    def count(alert: ReadingAlert) -> None:
        alert.count(writer, unusual, areas, threshold, data.context.now)

    put(data, ReadingAlert.of(data.context.tenant, reader, rule, day), count, step_answer)


def _has_area(unusual: Mapping[int, Mapping[str, str]]) -> bool:
    return any(area for records in unusual.values() for area in records.values())


def _forget(data: TenantData) -> None:
    """Destroys counts that did not become alerts, once their day is long over, and what was decided long ago."""
    now = data.context.now
    before = months_from(now, -1), months_from(now, -limits_of(data).keep_months)
    for states, moment in zip(([COUNTING], list(DECIDED)), before, strict=True):
        where = {"state": {"$in": states}, "day": {"$lt": moment.date().isoformat()}}
        for alert in data.find(ReadingAlert, where, limit=ALL):
            data.destroy(alert)
