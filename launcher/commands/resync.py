"""`./linli resync SERVICE`: the other services send it the current state of the records it replicates."""

from __future__ import annotations

import argparse

from launcher.api import Api, as_operator_in
from launcher.broker_repair import take_over_losses
from launcher.installation import Installation
from launcher.service_list import NAMES


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("service", choices=NAMES, help="the service that is new or lost its replicas")
    parser.add_argument("--tenant", required=True, help="the city; run once per city")
    parser.add_argument("--url", default="", help="the gateway (default: this installation's)")


def run(options: argparse.Namespace) -> int:
    api = as_operator_in(options.tenant, options.url)
    installation = Installation.existing()
    if not options.url and installation.is_own:
        take_over_losses(installation)  # first, as the resync makes up for them
    for publisher in NAMES:
        if publisher != options.service:
            print(f"{publisher}: {resync(api, publisher, options.service)} events sent to {options.service}")
    if not options.url:
        installation.missed_events.make_up(options.service, options.tenant)
    return 0


def resync(api: Api, publisher: str, service: str) -> int:
    """Requests all pages in sequence; returns how many events were sent."""
    sent = 0
    page = {"published": 0, "cursor": ""}
    while True:
        page = api.post(f"/v1/resync/{publisher}", service=service, cursor=page["cursor"])
        sent += int(page["published"])
        if not page["cursor"]:
            return sent
