"""Generator of the manifests in `k8s/` that name every service; the others are written by hand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from launcher.generate.operator import FILES, settings
from launcher.generate.template import Template, fill, repeated
from launcher.servers.processes import key_files
from launcher.servers.secrets import stored_as
from launcher.service_list import SERVICES, ServiceEntry

_BASE, _DEMO, _OPERATOR = Path("k8s/base"), Path("k8s/overlays/demo"), Path("k8s/operator")
_MOUNTED = """\
  - name: linli-@{name}
    files:
      - amqp-uri=secrets/@{name}.amqp-uri
      - mongodb-uri=secrets/@{name}.mongodb-uri
@{keys}
"""


def files(services: Sequence[ServiceEntry] = SERVICES) -> dict[Path, str]:
    names = [service.name for service in services]
    base = fill(
        "base-kustomization.yaml",
        secrets=", ".join(f"`linli-{name}`" for name in names),
        resources=repeated("  - @{name}.yaml\n", names),
    )
    demo = fill(
        "demo-kustomization.yaml",
        images=repeated("  - { name: localhost/linli/@{name}, newTag: dev }\n", names),
        secrets="".join(map(_secret, services)).rstrip("\n"),
        operator=repeated("".join(f"      - secrets/{file}\n" for file in FILES), names),
    )
    return {
        _BASE / "kustomization.yaml": base,
        _DEMO / "kustomization.yaml": demo,
        _OPERATOR / "operator.yaml": _operator(names),
        **{_BASE / f"{service.name}.yaml": _manifests(service) for service in services},
    }


def is_manifest(path: Path, content: bytes) -> bool:
    """Whether this file is what is generated for a service of its name, without a change by anybody."""
    made = (_manifests(ServiceEntry(path.stem, photos=photos)) for photos in (False, True))
    return path == _BASE / f"{path.stem}.yaml" and content in {text.encode() for text in made}


def _manifests(service: ServiceEntry) -> str:
    keys = "\n".join(
        f"            - {{ name: {setting}, value: /run/secrets/linli/{file} }}"
        for setting, file in key_files(service).items()
    )
    return fill("base-service.yaml", name=service.name, keys=keys)


def _operator(names: list[str]) -> str:
    own = settings(names, "/run/secrets/linli").items()
    shown = "\n".join(f"            - {{ name: {name}, value: {file} }}" for name, file in own)
    return fill("operator.yaml", settings=shown)


def _secret(service: ServiceEntry) -> str:
    keys = "\n".join(_mounted(service.name, file) for file in key_files(service).values())
    return Template(_MOUNTED).substitute(name=service.name, keys=keys)


def _mounted(service: str, file: str) -> str:
    source = stored_as(service, file)
    return f"      - secrets/{file}" if source == file else f"      - {file}=secrets/{source}"
