"""Code generators for files that must be in the tree but derive from other sources."""

from __future__ import annotations

from pathlib import Path

from launcher.generate import compose, contracts, kubernetes
from launcher.generate.template import HEADER
from launcher.service_list import NAMES

# Each module has `files()`, which returns the text of each generated file by its path from the repository root.
_GENERATORS = (compose, kubernetes, contracts)
# Here lie contracts. What begins with the header at the marked places is generated too, or a copy of it.
_CONTRACTS = "services/*/contracts/**/*"
_MARKED = ("*.yml", "*.yaml", "k8s/**/*.yml", "k8s/**/*.yaml")


def files() -> dict[Path, str]:
    return {path: text for generator in _GENERATORS for path, text in generator.files().items()}


def differing(root: Path) -> dict[Path, str]:
    """Returns the files below `root` that are missing or differ, with their expected text."""
    return {path: text for path, text in files().items() if not _is_current(root / path, text)}


def abandoned(root: Path) -> list[Path]:
    """Returns the generated files of services and events that no longer exist, in which nobody has written anything."""
    owned = {file.relative_to(root) for file in _beside_contracts(root) if contracts.is_contract(file)}
    manifests = {path for path in _marked(root) if kubernetes.is_manifest(path, (root / path).read_bytes())}
    return sorted((owned | manifests) - files().keys())


def abandoned_by_hand(root: Path) -> list[str]:
    """Returns what people wrote that has no service, event or generator, and what to do about each."""
    copies = {path for path in _marked(root) if not kubernetes.is_manifest(path, (root / path).read_bytes())}
    folders = {file.parent.name for file in root.glob("services/*/service.py")} - set(NAMES)
    others = {file.relative_to(root) for file in _beside_contracts(root) if not contracts.is_contract(file)}
    return [
        *(
            f"{_shown(str(path))}: is no contract; move it to another folder, or delete it"
            for path in sorted(others - files().keys())
        ),
        *(
            f"{path}: begins like a generated file, but is none; delete it, or its first line if it is yours"
            for path in sorted(copies - files().keys())
        ),
        *(f"services/{name}: add [{name}] to services.toml, or delete the folder" for name in sorted(folders)),
        *(
            f"services/{service}/event_examples.json: delete the example of {_shown(kind)}, which is no event any more"
            for service, kind in contracts.examples_of_nothing()
        ),
    ]


def _beside_contracts(root: Path) -> list[Path]:
    found = [file for file in root.glob(_CONTRACTS) if file.is_symlink() or not file.is_dir()]
    return [file for file in found if _is_in_place(file, root)]


def _is_current(file: Path, text: str) -> bool:
    return file.is_file() and file.read_bytes() == text.encode()


def _is_in_place(file: Path, root: Path) -> bool:
    """Whether no link leads to the folder of this file, so that it is not a file of somewhere else."""
    return file.parent.resolve() == root.resolve() / file.parent.relative_to(root)


def _shown(name: str) -> str:
    return name if name.isprintable() else repr(name)


def _marked(root: Path) -> set[Path]:
    files = {file for place in _MARKED for file in root.glob(place) if file.is_file() and _is_marked(file)}
    return {file.relative_to(root) for file in files}


def _is_marked(file: Path) -> bool:
    with file.open("rb") as opened:
        return opened.read(len(HEADER)) == HEADER.encode()
