"""`services.toml`: its allowed entries, and that nothing else lists the services."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from gateway.photos.routes import OWNER
from launcher import generate
from launcher.servers.broker_topology import definitions
from launcher.servers.database import roles_of
from launcher.servers.processes import PARTS, ROOT, key_files
from launcher.service_list import NAMES, SERVICES, BadEntry, BadServiceList, ServiceEntry, load, read

FOLDERS = ("vocabulary", "chassis", "gateway", "launcher", "deploy", "bench", "tests")
TEXTS = ("Dockerfile", ".dockerignore", "docker-compose.yml", "linli", "pyproject.toml", "deploy", "k8s", ".ci")
#: Folders of a single service: its routes and its tests.
OWN = ("gateway/routes/", *(f"tests/{kind}/{name}/" for kind in ("unit", "contract", "integration") for name in NAMES))
#: Files about two particular parts, or their differences; a further service needs no entry.
ABOUT_THEM = {
    "launcher/servers/secrets.py": "the two oldest services, which used to share keys",
    "tests/contract/test_gateway_operations.py": "calls of the gateway itself, which no route names",
    "tests/faults/test_servers_gone.py": "a creation passes the gateway and cases",
    "tests/faults/test_starting.py": "which keys the two cannot do without",
    "tests/integration/test_audit.py": "the logs of two services, whichever they are",
    "tests/unit/chassis/test_audit.py": "the logs of two services, whichever they are",
    "tests/unit/launcher/test_installation.py": "the addresses of two services, whichever they are",
}


def test_an_entry_states_only_what_is_special() -> None:
    text = "[org]\nmakes_tenant_logs = true\n[notify]"
    assert read(text) == (
        ServiceEntry("org", makes_tenant_logs=True),
        ServiceEntry("notify"),
    )


@pytest.mark.parametrize(
    "text",
    [
        "[Org]",
        "[my-service]",
        "[two2]",
        '["a b"]',
        "org = 1",
        "[org]\nphoto = true",
        '[org]\nphotos = "yes"',
        "[org]\nname = true",
        "[[org]]",
        "[org.photos]",
    ],
)
def test_an_unsupported_entry_is_refused(text: str) -> None:
    with pytest.raises(BadEntry, match=r"services\.toml"):
        read(text)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"[org", "is not valid TOML: .*; correct it there"),
        (b"[org]\n[org]", "is not valid TOML"),
        (b"\xef\xbb\xbf[org]", "is not valid TOML"),
        (b"[org] # \xff", "is not UTF-8 at byte 9; save it as UTF-8"),
        (b"", "names no service"),
        (None, "is missing in .*; restore it"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_in_one_line(tmp_path: Path, content: bytes | None, says: str) -> None:
    file = tmp_path / "services.toml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(BadServiceList, match=rf"^services\.toml {says}") as refusal:
        load(file)
    assert "\n" not in str(refusal.value)


def test_a_name_of_two_lines_is_told_in_one() -> None:
    with pytest.raises(BadEntry, match=r"^services\.toml has the entry \['a\\nb'\], which is not a valid name"):
        read('["a\\nb"]')


def test_a_folder_in_place_of_the_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadServiceList, match=r"services\.toml cannot be read \(Is a directory\)"):
        load(tmp_path)


DEEP = 5_000


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[org]\nphotos = " + "[" * DEEP + "]" * DEEP, "has lists or tables nested too deeply"),
        (f"org = {'1' * DEEP}", "is not valid TOML: Exceeds the limit"),
        (f"org = 0x{'f' * DEEP}", r"has the entry \[org\], which is a very long number instead of a table"),
        ("[org]\n" + ".".join("a" * DEEP) + " = 1", r"has the entry \[org\], which sets a = {'a': {'a': "),
        ("[org]\n" + f'photos = "{"x" * DEEP}"', r"has the entry \[org\], which sets photos = 'xxxxxxxxxxxx\.\.\.x"),
        ('[org]\n"a\\nb" = true', r"has the entry \[org\], which sets 'a\\nb' = True"),
        ("#" * 200_000, r"cannot be read \(More than 100 kB\)"),
    ],
    ids=["lists", "digits", "hexadecimal", "tables", "text", "key", "size"],
)
def test_a_list_of_any_size_and_depth_is_told_in_one_short_line(tmp_path: Path, text: str, says: str) -> None:
    file = tmp_path / "services.toml"
    file.write_text(text)
    with pytest.raises(BadServiceList, match=rf"^services\.toml {says}") as refusal:
        load(file)
    assert "\n" not in str(refusal.value)
    assert len(str(refusal.value)) < 300


def test_what_has_no_end_is_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for file in (Path("/dev/zero"), tmp_path / "pipe"):
        with pytest.raises(BadServiceList, match=r"cannot be read \(Not a regular file\); make it a file"):
            load(file)


@pytest.mark.parametrize("content", [b"[org", b"\xff", b"org = 1", b"[operator]", None])
def test_a_command_ends_with_one_line_that_says_what_to_do(tmp_path: Path, content: bytes | None) -> None:
    shutil.copytree(ROOT / "launcher", tmp_path / "launcher", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "chassis").symlink_to(ROOT / "chassis")
    if content is not None:
        (tmp_path / "services.toml").write_bytes(content)
    command = [sys.executable, "-m", "launcher", "generate", "--check"]
    env = {"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1), done.stderr
    assert done.stderr.startswith("services.toml ")


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_the_class_of_every_service_follows_from_its_name(service: ServiceEntry) -> None:
    module, _, name = service.runs.partition(":")
    assert getattr(import_module(module), name).name == service.name


def test_every_folder_of_a_service_is_on_the_list() -> None:
    assert {file.parent.name for file in (ROOT / "services").glob("*/service.py")} == set(NAMES)


def test_only_a_service_with_photos_gets_their_key_and_database() -> None:
    assert "LINLI_TICKET_KEY_FILE" not in key_files(ServiceEntry("sample"))
    assert "LINLI_TICKET_KEY_FILE" in key_files(ServiceEntry("sample", photos=True))
    shared = [part for part in PARTS if len(roles_of(part)) > 1]
    assert shared == [*(service.name for service in SERVICES if service.photos or service.files), "gateway"]


def test_the_service_with_photos_is_the_one_that_the_gateway_asks() -> None:
    assert [service.name for service in SERVICES if service.photos] == [OWNER]


def test_a_second_service_with_photos_is_refused() -> None:
    with pytest.raises(BadEntry, match=r"\[notify\], which sets photos = true, but .* one other service; remove it"):
        read("[cases]\nphotos = true\n[notify]\nphotos = true")


def test_only_a_service_that_makes_tenants_may_declare_their_logs() -> None:
    document = definitions(dict.fromkeys((*PARTS, "operator"), "x"))
    rights = {each["user"]: each["configure"] for each in document["permissions"]}
    logs = {service.name for service in SERVICES if service.makes_tenant_logs}
    assert logs == {name for name in NAMES if re.fullmatch(rights[name], "log.wuhai")}


def listed(file: Path) -> Iterator[int]:
    """Yields the lines of a Python file where a literal names a service and another part."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        parts = {part for element in elements(node) for part in [part_in(element)] if part}
        if len(parts) > 1 and parts & set(NAMES):
            yield node.lineno  # type: ignore[attr-defined]  # nodes with elements have a line


def elements(node: ast.AST) -> list[ast.expr]:
    """Returns the elements of a literal or a call; of pairs, the first."""
    if isinstance(node, ast.Dict):
        return [key for key in node.keys if key]
    found = node.elts if isinstance(node, ast.Tuple | ast.List | ast.Set) else getattr(node, "args", [])
    found = found if isinstance(found, list) else []
    return [each.elts[0] if isinstance(each, ast.Tuple | ast.List) and each.elts else each for each in found]


def part_in(element: ast.expr) -> str:
    if isinstance(element, ast.Name) and element.id == "GATEWAY":
        return "gateway"
    text = element.value if isinstance(element, ast.Constant) and isinstance(element.value, str) else ""
    name = re.sub(r"^services[/.]", "", text)
    return name if name in PARTS else ""


def test_no_code_lists_the_services_a_second_time() -> None:
    files = {str(file.relative_to(ROOT)): file for folder in FOLDERS for file in (ROOT / folder).rglob("*.py")}
    found = {name: [*listed(file)] for name, file in files.items() if not name.startswith(OWN)}
    assert {name: lines for name, lines in found.items() if lines and name not in ABOUT_THEM} == {}
    assert {name for name in ABOUT_THEM if not found.get(name)} == set(), "these need no exception any more"


def test_no_handwritten_file_names_two_services() -> None:
    tops = [ROOT / name for name in TEXTS]
    files = {file for top in tops for file in ([top] if top.is_file() else top.rglob("*")) if file.is_file()}
    generated = {ROOT / path for path in generate.files()}
    # A service with its own libraries has an extra of its name in pyproject.toml; a comment lists nothing.
    # Import contracts between the packages of one service are ignored too.
    remarks = re.compile(r"#.*|^\w+ = \[$|^\[\[tool\.importlinter\.contracts\]\]$(?s:.*?)^$", re.MULTILINE)
    for file in sorted(files - generated):
        if "secrets" in file.parts or "__pycache__" in file.parts:
            continue
        text = remarks.sub("", file.read_text(encoding="utf-8"))
        assert len([name for name in NAMES if re.search(rf"\b{name}\b", text)]) < 2, file
