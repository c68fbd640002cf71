"""`./linli demo`: one case through the closed loop of 新海社区 in Wuhai, signed in as whoever may take each step."""

from __future__ import annotations

import argparse
import os
import tempfile
from http import HTTPStatus
from pathlib import Path

from launcher import demo_data
from launcher.api import Api, Refused, as_operator
from launcher.demo_walk import TENANT, Walk
from launcher.installation import Installation


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--url", default="", help="the gateway, where it is not this installation's")
    parser.add_argument("--password-file", type=Path, help="the password of the demo sign-ins there, in a file")
    parser.add_argument("--prepare", action="store_true", help="load the demo city first, where it is not there yet")


def run(options: argparse.Namespace) -> int:
    """Elsewhere the demo city is loaded when it is missing and the operator's key is named for it."""
    installation = Installation.existing()
    url = options.url or installation.gateway_url
    password = options.password_file.read_text().strip() if options.password_file else installation.demo_password
    may_prepare = options.prepare or (options.url and "LINLI_OPERATOR_KEY_FILE" in os.environ)
    if may_prepare and not _is_there(url, password):
        prepare(url, password)
    walk = Walk(url, password)
    walk.run()
    print(f"The case {walk.case} went through the whole loop, and every step was as the domain says.")
    return 0


def prepare(url: str, password: str) -> None:
    with tempfile.TemporaryDirectory() as done:
        demo_data.load(lambda tenant: as_operator(tenant, url), password, Path(done), _show, [TENANT])


def _is_there(url: str, password: str) -> bool:
    try:
        Api(url).signed_in(TENANT, "admin", password)
    except Refused as refusal:
        if refusal.problem.get("status") != HTTPStatus.UNAUTHORIZED:
            raise
        return False
    return True


def _show(what: str, part: int, whole: int) -> None:
    if part == whole:
        print(f"prepare   {what} {whole}")
