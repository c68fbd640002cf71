"""YAML reader that knows the line of every value. Each scalar stays the text that was written: `010` and `no` too."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from launcher.problems import Stopped

_MOST_BYTES = 5_000_000
_DEEPEST = 50


class BadFile(Stopped):
    """Names each fault of a file as `FILE:LINE: what is wrong`."""

    def __init__(self, file: Path, faults: list[tuple[int, str]]) -> None:
        super().__init__("\n".join(f"{file}:{line}: {what}" for line, what in sorted(faults)))


@dataclass(frozen=True)
class Document:
    """A read file. `value`: dictionaries, lists and texts; `lines`: the line of each by its path, `units.0.name`."""

    file: Path
    value: Any
    lines: dict[str, int]

    def line_of(self, path: str) -> int:
        """Returns the line of the value at the path, or of the nearest one around it."""
        while path not in self.lines:
            path = path.rpartition(".")[0]
        return self.lines[path]

    def bad(self, *faults: tuple[str, str]) -> BadFile:
        """Returns an error that names each fault, given as path and what is wrong."""
        return BadFile(self.file, [(self.line_of(path), f"{path}: {what}" if path else what) for path, what in faults])


def read(file: Path) -> Document:
    """Raises `BadFile` for what is not YAML, `Stopped` for a file that cannot be read."""
    try:
        content = file.read_bytes()
    except OSError as error:
        raise Stopped(f"{file}: {error.strerror}") from error
    if len(content) > _MOST_BYTES:
        raise Stopped(f"{file} is larger than {_MOST_BYTES} bytes; import its divisions from CSV (import-divisions)")
    lines: dict[str, int] = {}
    try:
        node = yaml.compose(content.decode(), Loader=yaml.SafeLoader)
    except UnicodeDecodeError as error:
        raise BadFile(file, [(content[: error.start].count(b"\n") + 1, "it is not UTF-8; save it as UTF-8")]) from None
    except yaml.MarkedYAMLError as error:
        raise BadFile(file, [(_line(error.problem_mark), f"it is not YAML: {error.problem}")]) from None
    except (yaml.YAMLError, RecursionError) as error:
        raise BadFile(file, [(1, f"it is not YAML: {str(error).splitlines()[0]}")]) from None
    return Document(file, _value(file, node, "", lines, 0), lines)


def _value(file: Path, node: Any, path: str, lines: dict[str, int], depth: int) -> Any:
    if node is None:
        lines[path] = 1
        return {}
    lines[path] = _line(node.start_mark)
    if depth > _DEEPEST:
        raise BadFile(file, [(lines[path], "it is nested too deeply")])
    if isinstance(node, yaml.SequenceNode):
        return [_value(file, item, _below(path, str(n)), lines, depth + 1) for n, item in enumerate(node.value)]
    if not isinstance(node, yaml.MappingNode):
        return None if node.tag == "tag:yaml.org,2002:null" else node.value
    found: dict[str, Any] = {}
    for key, item in node.value:
        name = str(key.value)
        if name in found:
            raise BadFile(file, [(_line(key.start_mark), f"{_below(path, name)} is there twice; keep one")])
        found[name] = _value(file, item, _below(path, name), lines, depth + 1)
        lines[_below(path, name)] = _line(key.start_mark)
    return found


def _below(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _line(mark: Any) -> int:
    return int(mark.line) + 1 if mark else 1
