"""`./linli up`: sets up and starts whatever is not running yet, and prints where everything is."""

from __future__ import annotations

import argparse

from launcher import demo as demo_data
from launcher.api import as_operator
from launcher.installation import PREFERRED_PORT, Installation
from launcher.progress import Loading
from launcher.servers import process
from launcher.starting import start


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Set up and start whatever is not running yet, or runs with other settings or older code. If you interrupt "
        "it, run it again. The first time takes a few minutes."
    )


def run(options: argparse.Namespace) -> int:
    del options
    with Installation().register.held():
        installation = Installation()  # as the command that held the register before has left it
        start(installation)
        is_first = installation.is_own and _load_demo(installation)
    if is_first:
        print(demo_data.table(installation.demo_password))
    elif installation.is_own:
        print("for a sign-in of each role: ./linli demo --sign-ins")
    seconds = process.seconds_since_start()
    print(f"Linli is ready after {seconds:.0f} s: {installation.gateway_url}{_other_port(installation)}")
    if installation.is_own:
        print(f"paste into your shell:\nU={installation.gateway_url} P={installation.demo_password}")
    return 0


def _load_demo(installation: Installation) -> bool:
    """Loads the cities that are not loaded yet; returns whether there were any."""
    loading = Loading()
    loaded = demo_data.load(as_operator, installation.demo_password, installation.folder / "demo", loading)
    if loaded:
        loading.end(f"demo       loaded {', '.join(loaded)}")
    return bool(loaded)


def _other_port(installation: Installation) -> str:
    is_preferred = installation.gateway_port == PREFERRED_PORT
    return "" if is_preferred or installation.has_own_port else f" (port {PREFERRED_PORT} is taken)"
