"""Reader of the examples of events, which are written by hand in `services/<name>/event_examples.json`."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from launcher.problems import Stopped
from launcher.servers.processes import ROOT


@cache
def of(service: str) -> dict[str, Any]:
    """Returns the service's examples by type. Raises `Stopped` if the file has none."""
    file = ROOT / "services" / service / "event_examples.json"
    name = file.relative_to(ROOT)
    if not file.exists():
        raise Stopped(f"create {name}: an object with an example of each event of {service}, by type")
    try:
        examples = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:  # also bytes that are not UTF-8
        raise Stopped(f"{name} is not valid JSON ({error}); correct it there") from error
    if not isinstance(examples, dict):
        raise Stopped(f"{name} is not an object; make it one, with an example of each event of {service}, by type")
    return examples
