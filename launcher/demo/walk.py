"""Demo walk: takes one case through the closed loop, and stops at the first step that differs from the domain."""

from __future__ import annotations

import io
import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from PIL import Image

from launcher.api import Api, Refused
from launcher.demo import wuhai
from launcher.demo.live_events import Live
from launcher.demo.sign_ins import GRID, people
from launcher.problems import Stopped

TENANT = "wuhai"
CATEGORY, LEAD, CALLED, OFF_THE_LIST = "event.appearance.blocked-sewer", "water-supply", "city-management", "justice"
# Limits of P2, in hours.
_HOURS = {"case": 24.0, "contact": 4.0, "report in": 0.5, "rating": 7 * 24.0}
_PLACES_TO_TRY = 20
_ZONE = ZoneInfo("Asia/Shanghai")
Body = dict[str, Any]


class NotAsTheDomainSays(Stopped):
    def __init__(self, step: str, expected: object, actual: object) -> None:
        super().__init__(f"✗ {step}: expected {expected}, got {actual}")


class Walk:
    """The walk. Each person signs in on their first step. Raises `NotAsTheDomainSays`, `Refused`, `Missing`."""

    def __init__(self, url: str, password: str) -> None:
        self._url = url
        self._password = password
        self._signed_in: dict[str, Api] = {}
        self._names = people()
        self._steps = 0
        self._live = Live(self._as("centre"))
        self.case = self.number = self.code = ""

    def run(self) -> None:
        self._intake()
        self._whistle()
        self._work()
        self._inspection()
        self._rating()

    def _intake(self) -> None:
        self._report()
        self._refused("other-street", "asks for the case", "GET", "", status=404, code="not_found")
        self._step("grid", "verifies on the spot", "/verify", found=True, note="井盖旁污水外溢",
                   state="VERIFYING", events=["verified"])  # fmt: skip
        self._step("community", "registers", "/register", state="REGISTERED", events=["registered"])
        self._check_limit("case", "registered_at", "due")
        order = {"lead": LEAD}
        self._refused("community", "dispatches", "POST", "/dispatch", order, status=403, code="wrong_role")

    def _whistle(self) -> None:
        off = {"lead": OFF_THE_LIST, "called": [CALLED]}
        self._refused("street", "whistles off the list", "POST", "/whistle", off, status=409, code="case.off_the_list")
        self._step("street", f"whistles for {LEAD} and {CALLED}", "/whistle", lead=LEAD, called=[CALLED],
                   state="WHISTLED", events=["whistled"])  # fmt: skip
        for call in self._current()["calls"]:
            self._expect("report in within 30 minutes", _HOURS["report in"], _hours(call["called_at"], call["due"]))
        self._step("city-management", "reports in", "/report-in", state="WHISTLED", events=["reported_in"])
        self._step("water", "reports in and leads", "/report-in", handler=self._subject("water"),
                   state="IN_PROGRESS", events=["reported_in", "accepted", "started"])  # fmt: skip
        self._check_limit("contact", "state_since", "contact_due")

    def _work(self) -> None:
        self._step("water", "contacts the reporter", "/contact", note="已电话联系报告人",
                   state="IN_PROGRESS", events=["party_contacted"])  # fmt: skip
        task = self._step("water", f"gives {CALLED} a sub-task", "/sub-tasks", unit=CALLED, title="围挡并疏导行人",
                          state="IN_PROGRESS", events=["sub_task_assigned"])["said"]  # fmt: skip
        result = {"outcome": "solved", "note": "管道已疏通"}
        self._refused("water", "resolves before it is done", "POST", "/resolve", result,
                      status=409, code="case.sub_tasks_open")  # fmt: skip
        handler = self._subject("city-management")
        self._step("city-management", "accepts the sub-task", f"/sub-tasks/{task}/accept", handler=handler,
                   state="IN_PROGRESS", events=["sub_task_accepted"])  # fmt: skip
        self._step("city-management", "finishes it", f"/sub-tasks/{task}/finish", note="已围挡",
                   state="IN_PROGRESS", events=["sub_task_done"])  # fmt: skip
        proof = [self._photo("water", "proof")]
        self._step("water", "resolves with a photo as proof", "/resolve", **result, proof=proof,
                   state="INSPECTING", events=["resolved"])  # fmt: skip

    def _inspection(self) -> None:
        inspection = {"passed": True, "how": "visit", "note": "自查"}
        self._refused("water", "inspects its own work", "POST", "/inspect", inspection, status=403, code="wrong_role")
        self._step("street", "assigns an inspector", "/inspector", inspector=self._subject("inspector"),
                   state="INSPECTING", events=["inspector_assigned"])  # fmt: skip
        self._step("inspector", "inspects: it still overflows", "/inspect", passed=False, how="visit", note="仍有外溢",
                   state="REWORK", events=["inspected"])  # fmt: skip
        self._step("water", "continues", "/start", state="IN_PROGRESS", events=["started"])
        self._step("water", "resolves again", "/resolve", outcome="solved", note="更换了破损管段",
                   proof=[self._photo("water", "proof")], state="INSPECTING", events=["resolved"])  # fmt: skip
        self._refused("resident", "rates too early", "POST", "/rate", {"solved": True},
                      status=409, code="case.wrong_state")  # fmt: skip
        self._step("inspector", "inspects again and passes it", "/inspect", passed=True, how="visit", note="已恢复",
                   state="AWAITING_RATING", events=["inspected", "rating_asked"])  # fmt: skip

    def _rating(self) -> None:
        self._check_limit("rating", "state_since", "rating_until")
        self._step("resident", "calls it solved and gives 2 of 5", "/rate", contacted=True, solved=True, satisfied=2,
                   state="CLOSED", events=["rated", "closed"])  # fmt: skip
        events = self._live.of(self.case, ["cases.review.opened.v1"])
        [review] = [event["subject"] for event in events if event["type"] == "cases.review.opened.v1"]
        opened = self._as("centre").get(f"/v1/proceedings/review/{review}")
        until = f"hearing until {_local(opened['hearing_until'])}"
        self._report_step("(automatic)", f"a review of {opened['unit']} opens", opened["state"], until)
        self._show(events)
        self._expect("the review", ("OPEN", LEAD, self.case), (opened["state"], opened["unit"], opened["case"]))
        followed = self._anonymous().post("/v1/follow", number=self.number, code=self.code)
        self._report_step("(anyone)", "follows it by number and code", followed["state"], "")
        self._expect("the followed case", ("CLOSED", "solved"), (followed["state"], followed["outcome"]))
        read = [step["act"] for step in self._as("supervisor").get(f"/v1/cases/{self.case}/history")["items"]]
        self._report_step("supervisor", f"reads its {len(read)} steps", followed["state"], "")
        self._expect("the history", ["fail", "pass"], [act for act in read if act in ("pass", "fail")])

    def _report(self) -> None:
        """Reports at a random place, and again if the same matter there is open: that would be an urge."""
        photo = self._photo("resident", "report")
        for _ in range(_PLACES_TO_TRY):
            answer = self._as("resident").post(
                "/v1/cases", category=CATEGORY, place=_random_place(), text="路口井盖往外冒污水", photos=[photo]
            )
            if "urged" not in answer:
                break
        else:
            raise Stopped("every place already has an open case from an earlier demo; withdraw some")
        self.case, self.number, self.code = answer["id"], answer["number"], answer["code"]
        self._check_step("resident", "reports with a photo and the place", "REPORTED", ["reported"], answer)
        print(f"   the case has the number (工单号) {self.number}")

    def _step(self, login: str, what: str, path: str, *, state: str, events: Sequence[str], **body: Any) -> Body:
        answer: Body = self._as(login).post(f"/v1/cases/{self.case}{path}", **body)
        self._check_step(login, what, state, events, answer)
        return answer

    def _check_step(self, login: str, what: str, state: str, events: Sequence[str], answer: Body) -> None:
        case = self._current()
        limits = {case["step"]: case["step_due"], "case": case["due"], "rating": case["rating_until"]}
        due = [f"{name} by {_local(moment)}" for name, moment in limits.items() if moment]
        self._report_step(login, what, answer["state"], ", ".join(due) + f" ({_ZONE.key})" * bool(due))
        self._show(self._live.of(self.case, [f"cases.case.{event}.v1" for event in events]))
        self._expect(what, state, answer["state"])
        self._expect(what, state, case["state"])

    def _refused(
        self, login: str, what: str, verb: str, path: str, body: Body | None = None, *, status: int, code: str
    ) -> None:
        content = body or ({} if verb == "POST" else None)
        try:
            self._as(login).call(verb, f"/v1/cases/{self.case}{path}", content)
        except Refused as refusal:
            problem = refusal.problem
            self._expect(what, (status, code), (problem.get("status"), problem.get("code")))
            print(f"   ⊘ {self._actor(login)} {what} → {status} {problem['title']}")
            return
        raise NotAsTheDomainSays(what, f"{status} {code}", "success")

    def _report_step(self, login: str, what: str, state: str, limits: str) -> None:
        self._steps += 1
        print(f"{self._steps:2} {self._actor(login)} {what:42} → {state:16} {limits}".rstrip())

    def _show(self, events: Sequence[Body]) -> None:
        for event in events:
            print(f"      {event['type']} #{event['sequence']}")

    def _actor(self, login: str) -> str:
        role, name = self._names.get(login, (login, ""))
        return f"{role:12}{name:\u3000<5}"

    def _check_limit(self, limit: str, start: str, end: str) -> None:
        case = self._current()
        self._expect(f"the limit of {limit} in hours", _HOURS[limit], _hours(case[start], case[end]))

    @staticmethod
    def _expect(what: str, expected: object, actual: object) -> None:
        if expected != actual:
            raise NotAsTheDomainSays(what, expected, actual)

    def _current(self) -> Body:
        case: Body = self._as("centre").get(f"/v1/cases/{self.case}")
        return case

    def _photo(self, login: str, purpose: str) -> str:
        return str(self._as(login).upload("/v1/photos", _picture(), purpose=purpose)["id"])

    def _subject(self, login: str) -> str:
        return str(self._as(login).get("/v1/me")["id"])

    def _anonymous(self) -> Api:
        return Api(self._url, tenant=TENANT)

    def _as(self, login: str) -> Api:
        if login not in self._signed_in:
            self._signed_in[login] = Api(self._url).signed_in(TENANT, login, self._password)
        return self._signed_in[login]


def _random_place() -> Body:
    """Returns a point in the first grid, with its micro-grid."""
    strip = random.randrange(wuhai.MICRO_GRIDS_OF_EACH)  # noqa: S311  # a place, not a secret
    micro_grid = wuhai.micro_grids()[strip]
    west, south, east, north = wuhai.bounds(micro_grid["geometry"])
    lat = random.uniform(south, north)  # noqa: S311
    return {"path": f"{GRID}{micro_grid['code']}/", "lon": (west + east) / 2, "lat": lat, "address": "新海1号小区门前"}


def _picture() -> bytes:
    content = io.BytesIO()
    Image.effect_noise((320, 240), 60).convert("RGB").save(content, "JPEG")
    return content.getvalue()


def _hours(start: str, end: str) -> float:
    between: timedelta = datetime.fromisoformat(end) - datetime.fromisoformat(start)
    return round(between.total_seconds() / 3600, 2)


def _local(moment: str) -> str:
    return datetime.fromisoformat(moment).astimezone(_ZONE).strftime("%m-%d %H:%M")
