"""`./linli tenant add FILE.yaml`: opens a city with its divisions, units and people, from one file."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from launcher.api import as_operator
from launcher.installation import Installation
from launcher.problems import Stopped
from launcher.tenant_file.opening import Opening, first_password
from launcher.tenant_file.reader import CityFile, read


def arguments(parser: argparse.ArgumentParser) -> None:
    acts = parser.add_subparsers(dest="act", required=True)
    add = acts.add_parser("add", help="open a city, or go on after an interruption")
    add.description = (
        "Open a city as a YAML file describes it (docs/new-city.md), through the public API with the operator's key. "
        "Running it again adds what is missing and changes nothing that is there."
    )
    add.add_argument("file", type=Path, help="the city, such as examples/rivermouth.yaml")
    add.add_argument("--password-file", type=Path, help="the administrator's password, once it was changed")
    add.add_argument("--url", default="", help="the gateway (default: this installation's)")


def run(options: argparse.Namespace) -> int:
    file = read(options.file)
    tenant = file.city.tenant
    operator = as_operator(tenant, options.url)
    key = Installation.existing().operator_key
    people = [file.city.administrator, *file.city.staff]
    passwords = {each.login: first_password(key, tenant, each.login) for each in people}
    opening = Opening(operator, file, passwords, lambda what: print(f"{tenant}: {what}", flush=True))
    if not opening.run(_password(options.password_file)):
        print(f"{tenant}: all of it was there already, nothing changed")
    print(f"Sign in to {tenant} with these first passwords, and change them (POST /v1/me/password):")
    for each in people:
        print(f"  {each.login:17}{each.name:24}{passwords[each.login]}")
    _say_issuer(file)
    return 0


def _password(file: Path | None) -> str:
    try:
        return file.read_text(encoding="utf-8").strip() if file else ""
    except (OSError, UnicodeDecodeError) as error:
        raise Stopped(f"{file}: {getattr(error, 'strerror', None) or 'it is not UTF-8'}") from error


def _say_issuer(file: CityFile) -> None:
    if issuer := file.city.issuer:
        trusted = {"issuer": issuer.url, "audience": issuer.audience, "tenants": [file.city.tenant]}
        print(f"Let the gateway trust the issuer: add this to LINLI_ISSUERS and restart it\n  {json.dumps(trusted)}")
