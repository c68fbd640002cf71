"""Templates of generated files: the text in `templates/`, with `@{name}` where something is filled in."""

from __future__ import annotations

import string
from pathlib import Path

FOLDER = Path(__file__).parent / "templates"


class Template(string.Template):
    """`$` stays what it is in the file that is made."""

    delimiter = "@"


def fill(name: str, /, **values: str) -> str:
    """The template in the file `name`; its first line says where the text comes from."""
    text = Template((FOLDER / name).read_text(encoding="utf-8")).substitute(values)
    sources = f"services.toml and launcher/generate/templates/{name}"
    return f"# Made by ./linli generate from {sources}: change those.\n{text}"


def repeated(fragment: str, names: list[str]) -> str:
    """`fragment` for each name, in place of its `@{name}`."""
    return "".join(Template(fragment).substitute(name=name) for name in names).rstrip("\n")
