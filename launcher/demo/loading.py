"""City loader: parallel requests with deterministic idempotency keys, so that loading can be repeated."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from launcher.api import Api
from launcher.imports.divisions import Result, import_file
from launcher.problems import Stopped
from launcher.servers.processes import ROOT

DATA = ROOT / "data"
_PARALLEL = 8
_BATCH = 500
_PATIENCE = 30.0
Show = Callable[[str, int, int], None]
"""Progress callback: what is loaded, how many are done, and how many there are."""
Body = dict[str, Any]


class Loader:
    """Loads data into one city as `api`."""

    def __init__(self, api: Api, tenant: str, show: Show) -> None:
        self.api = api
        self.tenant = tenant
        self.show = show

    def post(self, path: str, /, **body: Any) -> Any:
        """Posts once a day: a repetition returns the same answer."""
        content = json.dumps([self.tenant, path, body], sort_keys=True)
        return self.api.call("POST", path, body, hashlib.sha256(content.encode()).hexdigest()[:32])

    def post_all(self, what: str, path: str, bodies: Iterable[Body]) -> list[Any]:
        """Returns the answers in the order of the bodies."""
        return self.each(what, list(bodies), lambda body: self.post(path, **body))

    def import_all(self, what: str, path: str, plans: Sequence[Body]) -> None:
        """Raises `Stopped` with the first rejected plan: the demo needs all of them."""
        for start in range(0, len(plans), _BATCH):
            answer = self.post(path, plans=plans[start : start + _BATCH])
            if answer["rejected"]:
                raise Stopped(f"{path}: {answer['rejected'][0]}")
            self.show(f"{self.tenant}: {what}", min(start + _BATCH, len(plans)), len(plans))

    def each(self, what: str, items: Sequence[Any], act: Callable[[Any], Any]) -> list[Any]:
        answers: list[Any] = []
        with ThreadPoolExecutor(_PARALLEL) as pool:
            for answer in pool.map(act, items):
                answers.append(answer)
                self.show(f"{self.tenant}: {what}", len(answers), len(items))
        return answers

    def divisions(self, file: Path = DATA / "divisions.csv") -> Result:
        return import_file(self.api, file, lambda done: self.show(f"{self.tenant}: divisions", done, done))

    def outlines(self, codes: Sequence[str]) -> None:
        """Draws the outlines of counties, so that points can be located."""
        drawn = outlines_of(codes)
        self.each("outlines", codes, lambda code: self.api.put(f"/v1/divisions/{code}/outline", outline=drawn[code]))


def outlines_of(codes: Sequence[str]) -> dict[str, Any]:
    """Returns GeoJSON geometries of `data/districts.geojson`, by code."""
    features = json.loads((DATA / "districts.geojson").read_text(encoding="utf-8"))["features"]
    found = {feature["properties"]["code"]: feature["geometry"] for feature in features}
    return {code: found[code] for code in codes}


def open_city(operator: Api, tenant: str, password: str, show: Show, *, root: str, settings: Body) -> Loader:
    """Opens the city, adds its first administrator (login `admin`), and signs them in."""
    opening = Loader(operator, tenant, show)
    opening.post("/v1/tenant", root=root, tier="city", settings=settings)
    [top] = _wait_for(lambda: operator.get("/v1/divisions")["items"])
    user = opening.post("/v1/users", login="admin", password=password, name="演示管理员")
    post = opening.post("/v1/posts", kind="tenant_admin", title="管理员", unit=root, area=top["path"])
    duty = "管理本市的设置、岗位与用户"
    opening.post("/v1/assignments", subject=user["id"], post=post["id"], duty=duty, area=top["path"])
    return Loader(operator.signed_in(tenant, "admin", password), tenant, show)


def _wait_for(condition: Callable[[], Any]) -> Any:
    end = time.monotonic() + _PATIENCE
    while not (found := condition()):
        if time.monotonic() > end:
            raise Stopped("the city did not get its first division; see ./linli logs org")
        time.sleep(0.05)
    return found
