"""`./linli test`: runs all checks and tests, or the named ones."""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

from launcher.servers import packages
from launcher.servers.processes import ROOT

_LINT = "lint"
_CHECKS = (
    ("ruff", "check", "--no-cache", "."),
    ("ruff", "format", "--check", "--no-cache", "."),
    ("mypy",),
    ("lint-imports", "--no-cache"),
)


def arguments(parser: argparse.ArgumentParser) -> None:
    folders = sorted(folder.name for folder in (ROOT / "tests").iterdir() if any(folder.glob("**/test_*.py")))
    parser.add_argument("parts", nargs="*", help=f"{_LINT}, {', '.join(folders)}, or a test file (default: all)")


def run(options: argparse.Namespace) -> int:
    packages.need_rabbitmq()
    failed = [command[0] for command in _checks(options.parts) if not _passes(*command)]
    tests = [_path(part) for part in options.parts if part != _LINT]
    # Tests run last, so that the output ends with pytest's own summary.
    if (tests or not options.parts) and not _passes("pytest", *tests):
        failed.append("pytest")
    if failed and failed != ["pytest"]:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def _checks(parts: list[str]) -> tuple[tuple[str, ...], ...]:
    return _CHECKS if not parts or _LINT in parts else ()


def _path(part: str) -> str:
    folder = ROOT / "tests" / part
    return str(folder) if folder.is_dir() else part


def _passes(tool: str, *words: str) -> bool:
    print(f"── {tool} {' '.join(words)}", flush=True)
    return subprocess.run([Path(sys.executable).with_name(tool), *words], cwd=ROOT, check=False).returncode == 0
