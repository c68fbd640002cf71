"""What a running city has accepted, to hold its database and its log against."""

from __future__ import annotations

import uuid
from typing import Any

import httpx

from tests.servers.city import COMMUNITY, City

#: Seconds for everything to be as it was.
BACK = 90.0


class Ledger:
    """What the site accepted: the truth that database and log are held against."""

    def __init__(self, city: City) -> None:
        self.city = city
        self.accepted: dict[str, str] = {}
        self.refused: dict[str, dict[str, Any]] = {}

    def report(self, count: int = 1) -> list[httpx.Response]:
        answers = []
        for _ in range(count):
            key = uuid.uuid4().hex
            # Anonymous ones are never taken for the same matter.
            body: dict[str, Any] = {"confidentiality": "anonymous", "text": key, "place": {"path": COMMUNITY}}
            answer = self.city.report(key=key, **body)
            answers.append(answer)
            self._note(key, body, answer)
        return answers

    def repeat(self) -> bool:
        """Repeats what was not accepted, with its key; True when all is."""
        for key, body in list(self.refused.items()):
            self._note(key, body, self.city.report(key=key, **body))
        return not self.refused

    def _note(self, key: str, body: dict[str, Any], answer: httpx.Response) -> None:
        if answer.status_code == 201:
            self.accepted[key] = answer.json()["id"]
            self.refused.pop(key, None)
        else:
            self.refused[key] = body

    def check(self) -> None:
        """Each accepted case is stored, nothing else is, and the log holds its one event of being reported."""
        assert len(set(self.accepted.values())) == len(self.accepted)
        rows = self.city.site.collections("cases").cases.find({"tenant": self.city.tenant})
        stored = {row["_id"].partition(":")[2]: row for row in rows}
        assert stored.keys() == set(self.accepted.values())
        events: dict[str, dict[str, int]] = {key: {} for key in stored}
        for envelope in self.city.events():
            if envelope.type.startswith("linli.cases.case."):
                events[envelope.subject].setdefault(envelope.id, envelope.sequence)
        for key, row in stored.items():
            assert list(events[key].values()) == list(range(1, row["sequence"] + 1))
