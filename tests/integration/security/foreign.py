"""One of each thing that a city has, made through the API."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

from PIL import Image

from tests.servers.city import COMMUNITY, COUNTY, LAMP, PASSWORD, WATER, City


def photo() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (64, 48), (90, 120, 60)).save(file, "JPEG")
    return file.getvalue()


def send_photo(city: City, login: str, content: bytes, key: str = "photo") -> Any:
    files = {"file": ("photo.jpg", content, "image/jpeg")}
    headers = {"Idempotency-Key": key}
    return city.http(login).post("/v1/photos", data={"purpose": "report"}, files=files, headers=headers)


def make_each(city: City) -> dict[str, str]:
    """By the name of the path's parameter: the id of one that no other city has."""
    made = _of_org(city) | _of_cases(city)
    made["photo"] = send_photo(city, "resident", photo()).json()["id"]
    return made


def _of_org(city: City) -> dict[str, str]:
    street, division, grid = "150302003", "150302003077", "150302003077001"
    row = {"line": 2, "code": division, "parent": street, "tier": "community", "name": "锦绣社区"}
    assert city.said("admin", "/v1/divisions/import", {"rows": [row]})["made"] == 1
    _made(city, "/v1/grids", code=grid, name="网格", level="base", above=division)
    _made(city, "/v1/units", unit="only-here", name="园林中心", kind="department", path=COUNTY)
    login = {"login": "only-here", "password": PASSWORD, "name": "高云"}
    user = str(city.said("admin", "/v1/users", login)["id"])
    post = _made(
        city, "/v1/posts", kind="community_worker", title="干部", unit=division, area=f"{COMMUNITY[:-13]}{division}/"
    )
    holds = {"subject": user, "post": post, "duty": "受理", "area": f"{COMMUNITY[:-13]}{division}/"}
    estate = _made(city, "/v1/estates", name="阳光小区", division=division, grids=[grid])
    duty = {"kind": "duties", "category": LAMP, "tier": "street", "lead": "only-here", "legal_basis": "条例"}
    rule = {"caller": "community", "units": ["only-here"], "area": COUNTY}
    return {
        "division": division,
        "grid": grid,
        "unit": "only-here",
        "user": user,
        "post": post,
        "assignment": _made(city, "/v1/assignments", **holds),
        "estate": estate,
        "building": _made(city, "/v1/buildings", estate=estate, name="1号楼", grids=[grid]),
        "entry": _made(city, "/v1/list-entries", **duty),
        "rule": _made(city, "/v1/whistle-rules", **rule),
    }


def _of_cases(city: City) -> dict[str, str]:
    soon = (city.site.now + timedelta(hours=1)).isoformat()
    ticket = city.said(
        "counter", "/v1/tickets", {"area": COMMUNITY, "services": [{"service": "card", "unit": WATER}], "name": "访客"}
    )
    talk = {"kind": "four_party", "area": COMMUNITY, "topic": "照明", "at": soon}
    four = [{"kind": kind} for kind in ("community", "owners", "property", "residents")]
    people = [("p-1", "party"), ("p-2", "party"), ("p-3", "mediator")]
    mediation = {
        "area": COMMUNITY,
        "category": "dispute.property.fees",
        "topic": "物业费",
        "participants": [{"person": person, "capacity": capacity} for person, capacity in people],
    }
    return {
        "case": city.report().json()["id"],
        "ticket": ticket["id"],
        "receipt": ticket["receipt"],
        "deliberation": _made(city, "/v1/deliberations", "community", **talk, invitees=four),
        "mediation": _made(city, "/v1/mediations", "community", **mediation),
        "article": _made(city, "/v1/hotline/articles", "hotline", title="停水", answer="请致电"),
        "callback": _made(city, "/v1/hotline/callbacks", "hotline", phone="13900000001"),
    }


def _made(city: City, address: str, login: str = "admin", /, **body: Any) -> str:
    return str(city.said(login, address, body).get("id", ""))
