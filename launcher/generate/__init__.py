"""Code generators for files that must be in the tree but derive from other sources."""

from __future__ import annotations

from pathlib import Path

from launcher.generate import compose, contracts, kubernetes
from launcher.generate.template import HEADER

# Each module has `files()`, which returns the text of each generated file by its path from the repository root.
_GENERATORS = (compose, kubernetes, contracts)


def files() -> dict[Path, str]:
    return {path: text for generator in _GENERATORS for path, text in generator.files().items()}


def differing(root: Path) -> dict[Path, str]:
    """Returns the files below `root` that are missing or differ, with their expected text."""
    return {path: text for path, text in files().items() if not _is_current(root / path, text)}


def abandoned(root: Path) -> list[Path]:
    """Returns the generated files of services and events that no longer exist."""
    manifests = [file for file in root.glob("k8s/base/*.yaml") if HEADER in file.read_text(encoding="utf-8")]
    generated = {file.relative_to(root) for file in (*manifests, *root.glob("services/*/contracts/*.json"))}
    return sorted(generated - files().keys())


def _is_current(file: Path, text: str) -> bool:
    return file.exists() and file.read_text(encoding="utf-8") == text
