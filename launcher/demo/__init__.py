"""Demo cities, which `./linli up` loads into a private installation through the public API.

Places and numbers are real (docs/domain.md names the source row of each); the people are invented. One file per
city; `sign_ins` has the sign-ins for the demo and for visitors.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from launcher.api import Api
from launcher.demo import nyc, sign_ins, wuhai, yaan
from launcher.demo.loading import Show

CITIES: dict[str, Callable[[Callable[[str], Api], str, Show], None]] = {
    "wuhai": wuhai.load,
    "yaan": yaan.load,
    "nyc": nyc.load,
}


def load(operator: Callable[[str], Api], password: str, done: Path, show: Show) -> list[str]:
    """Loads every city that is not yet marked in the folder `done`, and returns them; an interrupted load resumes.

    `operator(tenant)` calls the API as the operator in that city. `password` is for all demo sign-ins.
    """
    done.mkdir(parents=True, exist_ok=True)
    missing = [tenant for tenant in CITIES if not (done / tenant).exists()]

    def load_one(tenant: str) -> None:
        CITIES[tenant](operator, password, show)
        (done / tenant).touch()

    # In parallel: while one city's passwords are hashed, the database stores another's grids.
    with ThreadPoolExecutor(len(CITIES)) as pool:
        list(pool.map(load_one, missing))
    return missing


def table(password: str) -> str:
    """Returns a line per sign-in of every city; Wuhai has one per role."""
    registered = [("wuhai", login, kind, name, "") for login, kind, name in sign_ins.WUHAI_RESIDENTS]
    staff = {"wuhai": sign_ins.WUHAI, "yaan": yaan.STAFF, "nyc": nyc.STAFF}
    lines = [f"Sign in (POST /v1/sessions) with a tenant, a login and the password {password}"]
    for tenant, people in staff.items():
        posts = [(tenant, each.login, each.role, each.name, each.title) for each in people]
        own = [each for each in registered if each[0] == tenant]
        admin = (tenant, "admin", "tenant_admin", "演示管理员", "管理员")
        lines += [
            f"{city:7}{login:17}{role:14}{name} {title}" for city, login, role, name, title in [*own, *posts, admin]
        ]
    return "\n".join(lines)
