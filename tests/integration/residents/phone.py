"""A phone as its app sees the platform: an address, a user name and an app password, and XML that it fills in."""

from __future__ import annotations

import csv
import io
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element, SubElement, tostring

import httpx
from defusedxml.ElementTree import fromstring

from chassis.security.principal import Principal
from tests.integration.residents.town import COMMUNITY_CODE, GRID, Town
from tests.servers.site import Site

BASE = "/v1/openrosa"
_BELOW = "{http://openrosa.org/xforms/xformsList}"
_MANIFEST = "{http://openrosa.org/xforms/xformsManifest}"


@contextmanager
def platform(site: Site) -> Iterator[Site]:
    """What a phone needs of it, running."""
    try:
        site.start("org", "residents", "gateway")
        yield site
    finally:
        site.remove()


class Phone:
    """Of a grid worker with a post in `area`."""

    def __init__(self, town: Town, login: str = "worker-phone", area: str = GRID) -> None:
        self.town = town
        user = {"login": login, "password": "plenty of apricots", "name": "王小明"}
        self.user = str(town.ask_org("tenant_admin", "add_user", **user)["id"])
        plan = {"kind": "grid_worker", "title": "网格员", "unit": COMMUNITY_CODE, "area": area, "duties": ["巡查"]}
        self.post = str(town.ask_org("tenant_admin", "open_post", **plan)["id"])
        terms = {"subject": self.user, "post": self.post, "duty": "巡查走访", "area": area}
        self.assignment = str(town.ask_org("tenant_admin", "assign", **terms)["id"])
        self.principal = Principal(
            tenant=town.tenant, subject=self.user, roles=frozenset({"grid_worker"}), area=area, post=self.post
        )
        self.made = town._asked(town.org, self.principal, "make_app_password", login, None, {"device_name": "手机"})
        auth = self.made["username"], self.made["password"]
        self.http = httpx.Client(base_url=town.site.url, auth=auth, timeout=30)

    def get(self, path: str, status: int = 200) -> httpx.Response:
        answer = self.http.get(f"{BASE}{path}")
        assert answer.status_code == status, answer.text
        return answer

    def forms(self) -> list[dict[str, str]]:
        root = fromstring(self.get("/formList").content)
        return [{part.tag.removeprefix(_BELOW): part.text or "" for part in each} for each in root]

    def manifest(self, task: str) -> dict[str, str]:
        [file] = fromstring(self.get(f"/forms/{task}/manifest").content)
        return {part.tag.removeprefix(_MANIFEST): part.text or "" for part in file} | dict(file.attrib)

    def subjects(self, task: str) -> dict[str, dict[str, str]]:
        """The rows of the list, by id, from where the manifest says."""
        address = urlsplit(self.manifest(task)["downloadUrl"]).path
        rows = csv.DictReader(io.StringIO(self.get(address.removeprefix(BASE)).text))
        return {row["name"]: row for row in rows}

    def filled(
        self,
        task: str,
        subject: str,
        *,
        base: int = 0,
        trunk: str = "",
        branch: str = "",
        instance: str = "",
        **texts: str,
    ) -> bytes:
        """What an app makes of the form. `base`: of the list, unless it is given."""
        known = base or int(self.subjects(task)[subject]["__version"])
        root = Element("data", id=task, version="1")
        SubElement(root, "Subject").text = subject
        section = SubElement(root, "Section0")
        for field, text in texts.items():
            SubElement(section, field).text = text
        meta = SubElement(root, "meta")
        versions = {"baseVersion": str(known), "trunkVersion": trunk, "branchId": branch}
        SubElement(meta, "entity", dataset=f"subjects_{task}", update="1", id=subject, **versions)
        SubElement(meta, "instanceID").text = instance or f"uuid:{uuid.uuid4()}"
        return tostring(root)

    def send(self, xml: bytes, **more: Any) -> httpx.Response:
        files = {"xml_submission_file": ("submission.xml", xml, "text/xml")} | more
        return self.http.post(f"{BASE}/submission", files=files)

    def sent(self, xml: bytes, status: int = 201) -> httpx.Response:
        answer = self.send(xml)
        assert answer.status_code == status, answer.text
        return answer

    def close(self) -> None:
        self.http.close()
