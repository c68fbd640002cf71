"""Code generators for files that must be in the tree but derive from other sources."""

from __future__ import annotations

from pathlib import Path

from launcher.generate import compose, contracts, kubernetes
from launcher.generate.template import HEADER
from launcher.service_list import NAMES

# Each module has `files()`, which returns the text of each generated file by its path from the repository root.
_GENERATORS = (compose, kubernetes, contracts)
# Everything in these folders is generated; at these places, what begins with the header.
_OWNED = "services/*/contracts/**/*"
_MARKED = ("*.yml", "*.yaml", "k8s/**/*.yml", "k8s/**/*.yaml")


def files() -> dict[Path, str]:
    return {path: text for generator in _GENERATORS for path, text in generator.files().items()}


def differing(root: Path) -> dict[Path, str]:
    """Returns the files below `root` that are missing or differ, with their expected text."""
    return {path: text for path, text in files().items() if not _is_current(root / path, text)}


def abandoned(root: Path) -> list[Path]:
    """Returns the generated files of services and events that no longer exist."""
    marked = [file for place in _MARKED for file in root.glob(place) if file.is_file() and _is_marked(file)]
    owned = [file for file in root.glob(_OWNED) if file.is_file() or file.is_symlink()]
    return sorted({file.relative_to(root) for file in (*marked, *owned)} - files().keys())


def abandoned_by_hand(root: Path) -> list[str]:
    """Returns what was written for services and events that no longer exist, and what to do about each."""
    folders = {file.parent.name for file in root.glob("services/*/service.py")} - set(NAMES)
    return [
        *(f"services/{name}: add [{name}] to services.toml, or delete the folder" for name in sorted(folders)),
        *(
            f"services/{service}/event_examples.json: delete the example of {kind}, which is no event any more"
            for service, kind in contracts.examples_of_nothing()
        ),
    ]


def _is_current(file: Path, text: str) -> bool:
    return file.is_file() and file.read_bytes() == text.encode()


def _is_marked(file: Path) -> bool:
    with file.open("rb") as opened:
        return opened.read(len(HEADER)) == HEADER.encode()
