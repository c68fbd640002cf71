"""`./linli demo`: takes one case through the closed loop of 新海社区, each step as a role that may take it."""

from __future__ import annotations

import argparse
from http import HTTPStatus
from pathlib import Path

from launcher import demo as demo_data
from launcher.api import Api, Refused, as_operator
from launcher.demo.walk import TENANT, Walk
from launcher.installation import Installation
from launcher.problems import Stopped
from launcher.progress import Loading


class NotLoaded(Stopped):
    def __init__(self, url: str) -> None:
        super().__init__(
            f"{url} has no demo city, or its demo password is different. Load the city with the operator's key "
            f"(./linli load-demo {TENANT} --url {url}), or pass the password with --password-file."
        )


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--url", default="", help="the gateway (default: this installation's)")
    parser.add_argument("--password-file", type=Path, help="a file with the password of the demo users")
    parser.add_argument("--prepare", action="store_true", help="load the demo city first, with the operator's key")
    parser.add_argument("--sign-ins", action="store_true", help="only list a sign-in for each role")


def run(options: argparse.Namespace) -> int:
    installation = Installation.existing()
    if options.sign_ins:
        print(demo_data.table(installation.demo_password))
        return 0
    url = options.url or installation.gateway_url
    password = options.password_file.read_text().strip() if options.password_file else installation.demo_password
    if not _is_loaded(url, password):
        if not options.prepare:
            raise NotLoaded(url)
        loading = Loading()
        demo_data.CITIES[TENANT](lambda tenant: as_operator(tenant, url), password, loading)
        loading.end(f"demo       loaded {TENANT}")
    walk = Walk(url, password)
    walk.run()
    print(f"Case {walk.number} went through the whole loop; every step matched the domain rules.")
    return 0


def _is_loaded(url: str, password: str) -> bool:
    try:
        Api(url).signed_in(TENANT, "admin", password)
    except Refused as refusal:
        if refusal.problem.get("status") != HTTPStatus.UNAUTHORIZED:
            raise
        return False
    return True
