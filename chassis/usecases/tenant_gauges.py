"""Gauges with a label for the tenant, counted once in a while and not when somebody reads the metrics.

One replica of the service counts; the others have no such series. If it ends, another one counts within a minute.
Counting takes at most a fiftieth of the time, however many records there are: what takes long is counted less often.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from time import monotonic

from prometheus_client import Gauge

from chassis.persistence.data_source import DataSource
from chassis.persistence.tenant_data import TenantData

#: Tenants with a label of their own, the first by name: series must not grow with the number of tenants.
MOST_TENANTS = 100
#: The label of all others together; no tenant's name begins like this.
OTHERS = "_others"
#: So many times as long as it counted, it waits before it counts again.
_REST = 50


class TenantGauges:
    """Gauges that are counted together: each tenant has one number for each."""

    def __init__(self, *gauges: Gauge, clock: Callable[[], float] = monotonic) -> None:
        self._gauges = gauges
        self._clock = clock
        self._rests_until = 0.0
        self._known: dict[str, Sequence[int]] = {}

    def refresh(self, source: DataSource, task: str, count: Callable[[TenantData], Sequence[int]]) -> None:
        """Counts, if this process does the task and it is time. What a tenant out of reach had at last stays.

        Call it more often than `leader.GRACE`.
        """

        def note(data: TenantData) -> None:
            self._known[data.context.tenant] = count(data)

        started = self._clock()
        if not source.leads(task):
            self._known.clear()
            self._rests_until = 0.0
        elif started >= self._rests_until:
            source.each_tenant(note)
            ended = self._clock()
            self._rests_until = ended + _REST * (ended - started)
        self.show(self._known)

    def show(self, counts: Mapping[str, Sequence[int]]) -> None:
        named = sorted(counts)[:MOST_TENANTS]
        rest = [counts[tenant] for tenant in counts.keys() - set(named)]
        shown: dict[str, Sequence[int]] = {tenant: counts[tenant] for tenant in named}
        if rest:
            shown[OTHERS] = [sum(numbers) for numbers in zip(*rest, strict=True)]
        for place, gauge in enumerate(self._gauges):
            gauge.clear()
            for tenant, numbers in shown.items():
                gauge.labels(tenant).set(numbers[place])
