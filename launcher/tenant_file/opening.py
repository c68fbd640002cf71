"""Opening of a city from its file, through the public API: as the operator, then as its administrator.

Every request can be repeated: a creation has a key that derives from what it creates, an import skips what is there,
and the rest is looked up first. So it can be run again after an interruption, and changes nothing afterwards.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import itertools
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from chassis.errors import KeyReused, NotFound, Taken
from chassis.ids import derived
from launcher.api import Api, Refused
from launcher.problems import Stopped
from launcher.tenant_file.reader import CityFile, Located, is_grid
from launcher.tenant_file.shape import Person, Staff, Unit
from launcher.tenant_file.yaml_lines import BadFile

_BATCH = 500
_PASSWORD_LENGTH = 20
Body = dict[str, Any]


class PasswordChanged(Stopped):
    def __init__(self, login: str) -> None:
        super().__init__(
            f"{login} does not sign in with the first password any more. "
            "Pass the present one in a file: --password-file FILE."
        )


def first_password(operator_key: bytes, tenant: str, login: str) -> str:
    """Returns the password with which a person signs in first; derived, so that it need not be stored."""
    digest = hmac.digest(operator_key, f"first sign-in\0{tenant}\0{login}".encode(), hashlib.sha256)
    return base64.b32encode(digest).decode().lower()[:_PASSWORD_LENGTH]


class Opening:
    """Opens one city. `passwords`: of the administrator and staff, by login; `show`: prints what is there now."""

    def __init__(
        self, operator: Api, file: CityFile, passwords: Mapping[str, str], show: Callable[[str], None]
    ) -> None:
        self._operator = operator
        self._file = file
        self._city = file.city
        self._passwords = passwords
        self._show = show
        self._has_added = False

    def run(self, administrators_password: str = "") -> bool:
        """Returns whether it added anything. Raises `BadFile` for what the API refuses, `PasswordChanged`, `Stopped`.

        Without staff, who come last, an interrupted opening cannot be told from a whole one: it counts as adding.
        """
        self._open_tenant()
        self._import_divisions()
        administrator = self._add_administrator()
        admin = self._signed_in(administrators_password)
        self._link_identity(admin, administrator)
        self._import_grids(admin)
        for n, unit in enumerate(self._city.units):
            with self._faults_at(f"units.{n}"):
                self._add_unit(admin, unit)
        self._show(f"{len(self._city.units)} units")
        for n, staff in enumerate(self._city.staff):
            with self._faults_at(f"staff.{n}"):
                self._add_staff(admin, staff)
        self._show(f"{len(self._city.staff)} members of staff")
        return self._has_added or not self._city.staff

    def _open_tenant(self) -> None:
        root = self._city.root.code
        tenant = _found(self._operator, "/v1/tenant")
        if tenant is None:
            self._has_added = True
            [tier, *_] = self._city.levels.values()
            with self._faults_at("root"):
                self._create(self._operator, "/v1/tenant", "", root=root, tier=tier, settings=self._file.settings)
        elif tenant["root"] != root:
            raise self._file.document.bad(("root.code", f"{self._city.tenant} is open already, with {tenant['root']}"))
        self._show(f"tenant {self._city.tenant}")

    def _import_divisions(self) -> None:
        divisions = [each for each in self._file.places.values() if not is_grid(each)]
        for batch in _batches(divisions):
            # Numbered by their place in the batch: several divisions may stand on one line of the file.
            rows = [_row(number, each) for number, each in enumerate(batch, start=1)]
            answer = self._operator.post("/v1/divisions/import", rows=rows)
            lines = [self._file.document.line_of(each.at) for each in batch]
            self._require_accepted((lines[row["line"] - 1], row["reason"]["en"]) for row in answer["rejected"])
            self._has_added |= answer["made"] + answer["changed"] > 0
        self._show(f"{len(divisions)} divisions")

    def _import_grids(self, admin: Api) -> None:
        grids = [each for each in self._file.places.values() if is_grid(each)]
        for batch in _batches(grids):
            answer = admin.post("/v1/grids/import", plans=[_plan(each) for each in batch])
            lines = [self._file.document.line_of(each.at) for each in batch]
            self._require_accepted((lines[row["line"] - 1], row["reason"]["en"]) for row in answer["rejected"])
            self._has_added |= answer["made"] + answer["changed"] > 0
        if grids:
            self._show(f"{len(grids)} grids")

    def _add_administrator(self) -> str:
        """Returns the subject of the administrator of the whole city."""
        root = self._file.places[self._city.root.code]
        with self._faults_at("administrator"):
            subject = self._add_user(self._operator, self._city.administrator)
            post = {"kind": "tenant_admin", "title": "Administrator", "unit": root.place.code, "area": root.path}
            held = self._create(self._operator, "/v1/posts", subject, **post)["id"]
            terms = {"subject": subject, "post": held, "duty": "Administer the city", "area": root.path}
            self._create(self._operator, "/v1/assignments", subject, **terms)
        self._show(f"administrator {self._city.administrator.login}")
        return subject

    def _signed_in(self, password: str) -> Api:
        login = self._city.administrator.login
        try:
            return Api(self._operator.url).signed_in(self._city.tenant, login, password or self._passwords[login])
        except Refused as refused:
            if refused.problem.get("status") != 401:
                raise
            raise PasswordChanged(login) from refused

    def _link_identity(self, admin: Api, administrator: str) -> None:
        issuer = self._city.issuer
        if issuer and issuer.administrator:
            with self._faults_at("issuer"):
                path = f"/v1/users/{administrator}/identities"
                admin.post(path, issuer=issuer.url, subject=issuer.administrator)

    def _add_unit(self, admin: Api, unit: Unit) -> None:
        area = self._file.places[unit.area]
        plan = {"name": unit.name, "kind": unit.kind, "path": area.path}
        if _found(admin, f"/v1/units/{unit.id}") is None:
            self._has_added = True
            admin.post("/v1/units", unit=unit.id, **plan)
        for category in unit.leads:
            listed = admin.get(f"/v1/list-entries?category={category}")["items"]
            if not any((each["tier"], each["lead"]) == (area.tier, unit.id) for each in listed):
                self._has_added = True
                entry = {"kind": "duties", "category": category, "tier": area.tier, "lead": unit.id}
                admin.post("/v1/list-entries", **entry, legal_basis=unit.basis)

    def _add_staff(self, admin: Api, staff: Staff) -> None:
        area = self._file.places[staff.area]
        subject = self._add_user(admin, staff)
        post = {"kind": staff.post, "title": staff.title, "unit": staff.unit or staff.area, "area": area.path}
        held = self._create(admin, "/v1/posts", subject, **post)["id"]
        assigned = admin.get(f"/v1/assignments?subject={subject}&limit=200")["items"]
        if not any(each["post"] == held for each in assigned):
            self._has_added = True
            terms = {"subject": subject, "post": held, "duty": staff.duty, "area": area.path}
            self._create(admin, "/v1/assignments", subject, **terms)

    def _add_user(self, by: Api, person: Person) -> str:
        user = {"login": person.login, "name": person.name, "phone": person.phone}
        password = self._passwords[person.login]
        return str(self._create(by, "/v1/users", person.login, **user, password=password)["id"])

    def _create(self, by: Api, path: str, what: str, /, **body: Any) -> Body:
        """Creates what the tenant, path and `what` name, once; a repetition returns the first answer."""
        created: Body = by.call("POST", path, body, derived("tenant add", self._city.tenant, path, what))
        return created

    def _require_accepted(self, rejected: Iterator[tuple[int, str]]) -> None:
        faults = list(rejected)
        if faults:
            raise BadFile(self._file.document.file, faults)

    @contextmanager
    def _faults_at(self, at: str) -> Iterator[None]:
        """Names the line of the entry with whatever the API refuses of it."""
        try:
            yield
        except Refused as refused:
            code = refused.problem.get("code")
            what = str(refused)
            if code in (KeyReused.code, Taken.code, "user.login_taken"):
                what = "it is there already, with other data: change it over the API, or put the first data back"
            elif refused.problem.get("fields"):
                what = "; ".join(f"{each['field']} {each['reason']}" for each in refused.problem["fields"])
            raise self._file.document.bad((at, what)) from refused


def _found(api: Api, path: str) -> Body | None:
    try:
        found: Body = api.get(path)
    except Refused as refused:
        if refused.problem.get("code") == NotFound.code:
            return None
        raise
    return found


def _row(number: int, division: Located) -> Body:
    place = division.place
    return {
        "line": number, "code": place.code, "parent": division.parent, "tier": division.tier, "name": place.name,
    }  # fmt: skip


def _plan(grid: Located) -> Body:
    level = "micro" if grid.tier == "micro_grid" else "base"
    return {"code": grid.place.code, "name": grid.place.name, "level": level, "above": grid.parent}


def _batches(items: list[Any]) -> Iterator[list[Any]]:
    rest = iter(items)
    while batch := list(itertools.islice(rest, _BATCH)):
        yield batch
