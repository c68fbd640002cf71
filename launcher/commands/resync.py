"""`./linli resync SERVICE`: everybody whose records the service copies sends it their present state again."""

from __future__ import annotations

import argparse

from launcher.api import Api, as_operator_in
from launcher.service_list import NAMES


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("service", choices=NAMES, help="the service that lost its copies, or is new")
    parser.add_argument("--tenant", required=True, help="the city; run it once for each")
    parser.add_argument("--url", default="", help="the gateway, where it is not this installation's")


def run(options: argparse.Namespace) -> int:
    api = as_operator_in(options.tenant, options.url)
    for publisher in NAMES:
        if publisher != options.service:
            print(f"{publisher}: {resync(api, publisher, options.service)} events sent to {options.service}")
    return 0


def resync(api: Api, publisher: str, service: str) -> int:
    """All pages, one after the other; answers how many events were sent."""
    sent = 0
    page = {"published": 0, "after": ""}
    while True:
        page = api.post(f"/v1/resync/{publisher}", service=service, after=page["after"])
        sent += int(page["published"])
        if not page["after"]:
            return sent
