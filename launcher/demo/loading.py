"""Loads a city: many requests side by side, each with a key of its own, so that loading can be repeated."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from launcher.api import Api
from launcher.imports.divisions import Report, import_file
from launcher.problems import Stopped
from launcher.servers.processes import ROOT

DATA = ROOT / "data"
_SIDE_BY_SIDE = 8
_BATCH = 500
_PATIENCE = 30.0
Show = Callable[[str, int, int], None]
"""What is loaded, how much of it is done, and how much there is."""
Body = dict[str, Any]


class Loader:
    """Writes into one city as `api`."""

    def __init__(self, api: Api, tenant: str, show: Show) -> None:
        self.api = api
        self.tenant = tenant
        self._show = show

    def post(self, path: str, /, **body: Any) -> Any:
        """The answer, the same again when it is repeated within a day."""
        content = json.dumps([self.tenant, path, body], sort_keys=True)
        return self.api.call("POST", path, body, hashlib.sha256(content.encode()).hexdigest()[:32])

    def post_all(self, what: str, path: str, bodies: Iterable[Body]) -> list[Any]:
        """The answers in the order of the bodies."""
        return self.each(what, list(bodies), lambda body: self.post(path, **body))

    def import_all(self, what: str, path: str, plans: Sequence[Body]) -> None:
        """Raises `Stopped` with the first plan that is rejected: the demo has none to spare."""
        for start in range(0, len(plans), _BATCH):
            answer = self.post(path, plans=plans[start : start + _BATCH])
            if answer["rejected"]:
                raise Stopped(f"{path}: {answer['rejected'][0]}")
            self._show(f"{self.tenant}: {what}", min(start + _BATCH, len(plans)), len(plans))

    def each(self, what: str, items: Sequence[Any], act: Callable[[Any], Any]) -> list[Any]:
        answers: list[Any] = []
        with ThreadPoolExecutor(_SIDE_BY_SIDE) as pool:
            for answer in pool.map(act, items):
                answers.append(answer)
                self._show(f"{self.tenant}: {what}", len(answers), len(items))
        return answers

    def divisions(self, file: Path = DATA / "divisions.csv") -> Report:
        return import_file(self.api, file, lambda done: self._show(f"{self.tenant}: divisions", done, done))

    def outlines(self, codes: Sequence[str]) -> None:
        """The outlines of counties, so that a point finds its county."""
        drawn = outlines_of(codes)
        self.each("outlines", codes, lambda code: self.api.put(f"/v1/divisions/{code}/outline", outline=drawn[code]))


def outlines_of(codes: Sequence[str]) -> dict[str, Any]:
    """GeoJSON geometries of `data/districts.geojson` by code."""
    features = json.loads((DATA / "districts.geojson").read_text(encoding="utf-8"))["features"]
    found = {feature["properties"]["code"]: feature["geometry"] for feature in features}
    return {code: found[code] for code in codes}


def open_city(operator: Api, tenant: str, password: str, show: Show, *, root: str, settings: Body) -> Loader:
    """Opens the city, gives it its first administrator (login `admin`), and signs them in."""
    opening = Loader(operator, tenant, show)
    opening.post("/v1/tenant", root=root, tier="city", settings=settings)
    [top] = _wait_for(lambda: operator.get("/v1/divisions")["items"])
    user = opening.post("/v1/users", login="admin", password=password, name="演示管理员")
    post = opening.post("/v1/posts", kind="tenant_admin", title="管理员", unit=root, area=top["path"])
    duty = "管理本市的设置、岗位与用户"
    opening.post("/v1/assignments", subject=user["subject"], post=post["id"], duty=duty, area=top["path"])
    return Loader(operator.signed_in(tenant, "admin", password), tenant, show)


def _wait_for(condition: Callable[[], Any]) -> Any:
    end = time.monotonic() + _PATIENCE
    while not (found := condition()):
        if time.monotonic() > end:
            raise Stopped("the city did not get its first division; see ./linli logs org")
        time.sleep(0.05)
    return found
