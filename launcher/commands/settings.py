"""`./linli settings get|set TENANT`: shows the settings of a city, or changes one of them."""

from __future__ import annotations

import argparse
import json
from typing import Any

from launcher.api import Api, as_operator_in
from launcher.problems import Stopped

_SEPARATOR = "."
#: The fields of an item's name: a category and a reason have one in each language.
_NAMES = ("zh", "en", "name")


class NoSuchSetting(Stopped):
    def __init__(self, path: str, above: str, names: list[str]) -> None:
        place = f"{above} has" if above else "there are"
        super().__init__(f"There is no setting {path!r}; {place} {', '.join(names) or 'nothing below it'}.")


class NoSuchItem(Stopped):
    """`names`: the fields of its name, which a new item needs."""

    def __init__(self, path: str, above: str, names: list[str]) -> None:
        super().__init__(
            f"There is no {path!r} in {above}. ./linli settings get lists what there is; to create it, give its value "
            f"as JSON with at least {' and '.join(names)}."
        )


def arguments(parser: argparse.ArgumentParser) -> None:
    acts = parser.add_subparsers(dest="act", required=True)
    get = acts.add_parser("get", help="print a setting, or all of them, as JSON")
    get.add_argument("tenant", help="the city")
    get.add_argument("path", nargs="?", default="", help="such as limits.case.P3 or categories.event.appearance.noise")
    put = acts.add_parser("set", help="change one setting, and print what changed")
    put.add_argument("tenant", help="the city")
    put.add_argument("path", help="as for get; a new category, inventory or hazard by its code")
    put.add_argument("value", help="JSON, or a plain text; null returns to the default")
    for each in (get, put):
        each.add_argument("--url", default="", help="the gateway (default: this installation's)")


def run(options: argparse.Namespace) -> int:
    api = as_operator_in(options.tenant, options.url)
    shown = api.get("/v1/tenant")
    if options.act == "get":
        print(json.dumps(at(shown, options.path), ensure_ascii=False, indent=2))
        return 0
    changed = change(api, shown, options.path, value_of(options.value))
    for each in changed:
        print(f"{each['setting']}: {_short(each['previous'])} → {_short(each['current'])}")
    if not changed:
        print("nothing changed")
    return 0


def change(api: Api, shown: dict[str, Any], path: str, value: Any) -> list[dict[str, Any]]:
    """Sends the change of one setting, against the version that was read. Returns what changed."""
    changed: list[dict[str, Any]] = api.patch("/v1/tenant", patch_of(shown, path, value), shown["version"])["changed"]
    return changed


def value_of(text: str) -> Any:
    """Reads JSON; anything else is a text, so that `5wd` needs no quotation marks."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def at(shown: Any, path: str) -> Any:
    """Returns the value at a path. Raises `NoSuchSetting`."""
    above, rest = "", path
    while rest:
        members = _members(shown)
        name = _first(members, rest)
        if name is None:
            raise NoSuchSetting(path, above, list(members))
        shown, above, rest = members[name], f"{above}.{name}".strip(_SEPARATOR), rest[len(name) + 1 :]
    return shown


def patch_of(shown: Any, path: str, value: Any, above: str = "") -> Any:
    """Returns the merge patch that sets the value at a path. A list has no members in a patch, so it is sent whole.

    `above`: the path of `shown`. Raises `NoSuchItem` if a list has no such item and the value is not that of a new one.
    """
    if not path:
        return value
    members = _members(shown)
    name = _first(members, path)
    if not isinstance(shown, list):
        name = name or path.partition(_SEPARATOR)[0]
        inside = f"{above}.{name}".strip(_SEPARATOR)
        return {name: patch_of(members.get(name), path[len(name) + 1 :], value, inside)}
    if name is None:
        names = [each for each in _NAMES if all(each in item for item in members.values())]
        if members and not (isinstance(value, dict) and value.keys() >= set(names)):
            raise NoSuchItem(path, above, names)
        return [*shown, {"code": path, **value} if isinstance(value, dict) else value]
    new = _item(members[name], path[len(name) + 1 :], value)
    return [new if item["code"] == name else item for item in shown if item["code"] != name or new is not None]


def _item(item: dict[str, Any], path: str, value: Any) -> Any:
    """Returns an item of a list after the change; None removes it."""
    if not path:
        return {**item, **value} if isinstance(value, dict) else value
    return {name: each for name, each in {**item, path: value}.items() if each is not None}


def _members(shown: Any) -> dict[str, Any]:
    if isinstance(shown, dict):
        return shown
    items = shown if isinstance(shown, list) else []
    return {item["code"]: item for item in items if isinstance(item, dict) and "code" in item}


def _first(members: dict[str, Any], path: str) -> str | None:
    """Returns the longest member that the path begins with: the code of a category contains full stops itself."""
    fitting = [name for name in members if f"{path}.".startswith(f"{name}.")]
    return max(fitting, key=len, default=None)


def _short(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
