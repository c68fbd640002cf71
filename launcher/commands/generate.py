"""`./linli generate`: writes the files derived from other sources, such as the list of services."""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Iterable, Iterator, Mapping
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
    abandoned, differing, by_hand = _look()
    print("".join(f"{_shown(path)} (of nothing that exists)\n" for path in abandoned), end="")
    print("".join(f"{path}\n" for path in differing), end="")
    print("".join(f"{line}\n" for line in by_hand), end="", file=sys.stderr)
    if options.check:
        if abandoned or differing:
            print("These files differ from what ./linli generate writes; run it.", file=sys.stderr)
        return 1 if abandoned or differing or by_hand else 0
    _write(differing)
    _remove(abandoned)
    return 0


def _look() -> tuple[list[Path], dict[Path, str], list[str]]:
    """Returns what is left over, what differs, and what somebody has to do by hand."""
    try:
        return generate.abandoned(ROOT), generate.differing(ROOT), generate.abandoned_by_hand(ROOT)
    except OSError as error:
        raise Stopped(
            f"{error.filename} cannot be read ({error.strerror}); make it readable, or move it away"
        ) from error


def _require_folders() -> None:
    for service in NAMES:
        if not (ROOT / "services" / service / "service.py").exists():
            raise Stopped(f"services.toml names {service}, but services/{service}/service.py does not exist")


def _write(texts: Mapping[Path, str]) -> None:
    """Writes a draft beside each file before it replaces the first: if one cannot be written, nothing changes."""
    drafts = {path: (ROOT / path).with_name(f".{path.name}.draft") for path in texts}
    try:
        for path, draft in drafts.items():
            with _named(path, "written"):
                _write_draft(ROOT / path, draft, texts[path])
        for path, draft in drafts.items():
            with _named(path, "written"):
                draft.replace(ROOT / path)
    finally:
        for draft in drafts.values():
            with contextlib.suppress(OSError):
                draft.unlink()


def _write_draft(file: Path, draft: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileNotFoundError), file.open("r+b"):
        pass  # it may be replaced, but only what may be written
    draft.unlink(missing_ok=True)
    with draft.open("x", encoding="utf-8") as opened:
        opened.write(text)


def _remove(paths: Iterable[Path]) -> None:
    """Deletes the files, and the folders in `services/` that are empty then."""
    for path in paths:
        with _named(path, "removed"):
            (ROOT / path).unlink(missing_ok=True)
            _remove_empty(ROOT / path.parent)


def _remove_empty(folder: Path) -> None:
    with contextlib.suppress(FileNotFoundError):  # somebody else has removed it
        while folder.is_relative_to(ROOT / "services") and not any(folder.iterdir()):
            folder.rmdir()
            folder = folder.parent


@contextlib.contextmanager
def _named(path: Path, done: str) -> Iterator[None]:
    """Names the file on any failure; the system does not when a device is full."""
    try:
        yield
    except OSError as error:
        reason = f"{_shown(path)} cannot be {done} ({error.strerror})"
        raise Stopped(f"{reason}; make room for it, or move away what is there") from error


def _shown(path: Path) -> str:
    """Returns the path with each byte that is no text as an escape."""
    return str(path).encode(errors="backslashreplace").decode()
