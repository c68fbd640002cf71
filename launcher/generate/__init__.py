"""Generators of the files that must lie in the tree although they repeat what stands elsewhere."""

from __future__ import annotations

from pathlib import Path

from launcher.generate import compose, contracts, kubernetes

# Each module has `files()`: the text of each file that it makes, by its path from the top of the tree.
_GENERATORS = (compose, kubernetes, contracts)


def files() -> dict[Path, str]:
    return {path: text for generator in _GENERATORS for path, text in generator.files().items()}


def differing(root: Path) -> dict[Path, str]:
    """The files below `root` that are not there or are otherwise, with the text that they should have."""
    return {path: text for path, text in files().items() if not _is_as_made(root / path, text)}


def _is_as_made(file: Path, text: str) -> bool:
    return file.exists() and file.read_text(encoding="utf-8") == text
