"""Reader of the examples of events, which are written by hand in `services/<name>/event_examples.json`."""

from __future__ import annotations

import json
import math
from functools import cache
from typing import Any

from launcher import text_files
from launcher.problems import Stopped
from launcher.servers.processes import ROOT

_BYTES = 1_000_000
_LEVELS = 50


@cache
def of(service: str) -> dict[str, Any]:
    """Returns the service's examples by type. Raises `Stopped` if the file has none."""
    file = ROOT / "services" / service / "event_examples.json"
    name = file.relative_to(ROOT)
    try:
        examples = json.loads(text_files.read(file, _BYTES))
    except FileNotFoundError as error:
        raise Stopped(f"create {name}: an object with an example of each event of {service}, by type") from error
    except OSError as error:
        raise Stopped(f"{name} cannot be read ({error.strerror}); make it a file that you may read") from error
    except ValueError as error:  # also bytes that are not UTF-8
        raise Stopped(f"{name} is not valid JSON ({error}); correct it there") from error
    except RecursionError as error:
        raise Stopped(f"{name} has more than {_LEVELS} levels; remove what is nested too deeply") from error
    if not isinstance(examples, dict):
        raise Stopped(f"{name} is not an object; make it one, with an example of each event of {service}, by type")
    if flaw := _flaw(examples):
        raise Stopped(f"{name} {flaw}; correct it there")
    return examples


def _flaw(examples: object) -> str:
    """Returns what Python reads and JSON, or UTF-8, does not know; empty if there is nothing of the kind."""
    left = [(examples, 0)]
    while left:
        value, level = left.pop()
        if level > _LEVELS:
            return f"has more than {_LEVELS} levels"
        if isinstance(value, float) and not math.isfinite(value):
            return f"has a number that JSON does not know ({value})"
        if isinstance(value, str) and not _is_unicode(value):
            return f"has half of a surrogate pair, which is no character, in {value[:50]!a}"
        if isinstance(value, dict | list):
            left += [(each, level + 1) for each in (*value, *(value.values() if isinstance(value, dict) else ()))]
    return ""


def _is_unicode(text: str) -> bool:
    return not any("\ud800" <= letter <= "\udfff" for letter in text)
