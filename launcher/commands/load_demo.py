"""`./linli load-demo`: loads the demo cities into an installation, with its operator's key."""

from __future__ import annotations

import argparse

from launcher import demo as demo_data
from launcher.api import as_operator
from launcher.installation import Installation
from launcher.problems import Stopped
from launcher.progress import Loading


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Load the demo cities through the public API. Set LINLI_OPERATOR_KEY_FILE to use an operator key other than "
        "the one that ./linli up created. Anything loaded within the last day is not loaded twice."
    )
    parser.add_argument("--url", default="", help="the gateway (default: the one that ./linli up started)")
    parser.add_argument("cities", nargs="*", metavar="CITY", help=f"{', '.join(demo_data.CITIES)} (default: all)")


def run(options: argparse.Namespace) -> int:
    if unknown := [city for city in options.cities if city not in demo_data.CITIES]:
        raise Stopped(f"There is no demo city {unknown[0]!r}; choose from {', '.join(demo_data.CITIES)}.")
    password, loading = Installation().demo_password, Loading()
    for city in options.cities or demo_data.CITIES:
        demo_data.CITIES[city](lambda tenant: as_operator(tenant, options.url), password, loading)
        loading.end(f"demo       loaded {city}")
    print(demo_data.table(password))
    return 0
