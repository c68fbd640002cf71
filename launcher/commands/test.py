"""`./linli test`: runs all checks and tests, or the named ones."""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

from launcher.servers import packages
from launcher.servers.processes import ROOT

_LINT = "lint"
# Tests mostly wait for servers, so a few processes run them at once, each with servers of its own. A file stays in one
# process, for what its tests share; the slow files come first.
_AT_ONCE = ("--numprocesses", "3", "--dist", "loadfile", "--no-loadscope-reorder")
#: The folders of tests that start no server, so that they run without RabbitMQ.
WITHOUT_SERVERS = ("contract", "kubernetes", "unit")
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
    if needs_broker(options.parts):
        packages.need_rabbitmq()
    failed = [command[0] for command in _checks(options.parts) if not _passes(*command)]
    tests = [_path(part) for part in options.parts if part != _LINT]
    # Tests run last, so that the output ends with pytest's own summary.
    if (tests or not options.parts) and not _passes("pytest", *at_once(tests), *tests):
        failed.append("pytest")
    if failed and failed != ["pytest"]:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def needs_broker(parts: list[str]) -> bool:
    """Returns whether a named part, or any if none is named, may start a broker."""
    return not parts or any(not _runs_without_servers(part) for part in parts)


def _runs_without_servers(part: str) -> bool:
    folders = [ROOT / "tests" / folder for folder in WITHOUT_SERVERS]
    path = (ROOT / _path(part)).resolve()
    return part == _LINT or any(path.is_relative_to(folder) for folder in folders)


def _checks(parts: list[str]) -> tuple[tuple[str, ...], ...]:
    return _CHECKS if not parts or _LINT in parts else ()


def at_once(tests: list[str]) -> tuple[str, ...]:
    """Returns pytest's words for running these tests at once: nothing for files, which are over too soon."""
    return () if tests and not any(Path(test).is_dir() for test in tests) else _AT_ONCE


def _path(part: str) -> str:
    folder = ROOT / "tests" / part
    return str(folder) if folder.is_dir() else part


def _passes(tool: str, *words: str) -> bool:
    print(f"── {tool} {' '.join(words)}", flush=True)
    return subprocess.run([Path(sys.executable).with_name(tool), *words], cwd=ROOT, check=False).returncode == 0
