"""`./linli generate`: writes the files derived from other sources, such as the list of services."""

from __future__ import annotations

import argparse

from launcher import generate
from launcher.problems import Stopped
from launcher.servers.processes import ROOT
from launcher.service_list import NAMES


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--check", action="store_true", help="list the files that differ without writing; exit code 1 if any"
    )


def run(options: argparse.Namespace) -> int:
    for service in NAMES:
        if not (ROOT / "services" / service / "service.py").exists():
            raise Stopped(f"services.toml names {service}, but services/{service}/service.py does not exist")
    abandoned = generate.abandoned(ROOT)
    for path in abandoned:
        print(f"{path} (of nothing that exists)")
        if not options.check:
            (ROOT / path).unlink()
    differing = generate.differing(ROOT)
    for path, text in differing.items():
        print(path)
        if not options.check:
            (ROOT / path).parent.mkdir(parents=True, exist_ok=True)
            (ROOT / path).write_text(text, encoding="utf-8")
    return 1 if options.check and (differing or abandoned) else 0
