"""`./linli load-demo`: the demo cities, into an installation whose operator's key is at hand."""

from __future__ import annotations

import argparse

from launcher import demo as demo_data
from launcher.api import as_operator
from launcher.installation import Installation


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Load the demo cities through the public API. LINLI_OPERATOR_KEY_FILE names the operator's key where it is "
        "not the one that ./linli up made. What was loaded within the last day is not loaded twice."
    )
    parser.add_argument("--url", default="", help="the gateway; default: the one that ./linli up started")
    parser.add_argument("cities", nargs="*", metavar="CITY", help=f"{', '.join(demo_data.CITIES)}; all without it")


def run(options: argparse.Namespace) -> int:
    password = Installation().demo_password
    for city in options.cities or demo_data.CITIES:
        demo_data.CITIES[city](lambda tenant: as_operator(tenant, options.url), password, _show)
    print(demo_data.table(password))
    return 0


def _show(what: str, part: int, whole: int) -> None:
    if part == whole:
        print(f"{what} {whole}", flush=True)
