"""`./linli generate`: writes the files derived from other sources, such as the list of services."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from launcher import generate
from launcher.problems import Stopped
from launcher.servers.processes import ROOT
from launcher.service_list import NAMES


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--check", action="store_true", help="list what differs or is left over without writing; exit code 1 if any"
    )


def run(options: argparse.Namespace) -> int:
    _require_folders()
    abandoned, differing = generate.abandoned(ROOT), generate.differing(ROOT)
    print("".join(f"{path} (of nothing that exists)\n" for path in abandoned), end="")
    print("".join(f"{path}\n" for path in differing), end="")
    by_hand = generate.abandoned_by_hand(ROOT)
    print("".join(f"{line}\n" for line in by_hand), end="", file=sys.stderr)
    if options.check:
        if abandoned or differing:
            print("These files differ from what ./linli generate writes; run it.", file=sys.stderr)
        return 1 if abandoned or differing or by_hand else 0
    try:
        _remove(abandoned)
        _write(differing)
    except OSError as error:
        raise Stopped(f"{error.filename} cannot be written ({error.strerror}); move away what is there") from error
    return 0


def _require_folders() -> None:
    for service in NAMES:
        if not (ROOT / "services" / service / "service.py").exists():
            raise Stopped(f"services.toml names {service}, but services/{service}/service.py does not exist")


def _remove(paths: Iterable[Path]) -> None:
    """Deletes the files, and the folders in `services/` that are empty then."""
    for path in paths:
        (ROOT / path).unlink()
        folder = ROOT / path.parent
        while folder.is_relative_to(ROOT / "services") and not any(folder.iterdir()):
            folder.rmdir()
            folder = folder.parent


def _write(texts: Mapping[Path, str]) -> None:
    for path, text in texts.items():
        (ROOT / path).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / path).write_text(text, encoding="utf-8")
