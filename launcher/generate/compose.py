"""Generator of `docker-compose.yml`: one container per service, with the secrets that it may read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from launcher.generate.operator import FILES, settings
from launcher.generate.template import Template, fill, repeated
from launcher.servers.processes import key_files
from launcher.servers.secrets import stored_as
from launcher.service_list import SERVICES, ServiceEntry

_SERVICE = """\
  @{name}:
    <<: *confined
    image: ${LINLI_REGISTRY:-localhost/linli}/@{name}:${LINLI_VERSION:-dev}
    build: { context: ., args: { SERVICE: @{name} } }
    environment:
      <<: *settings
@{settings}
    tmpfs: [/tmp]
    secrets:
      - { source: @{name}.amqp-uri, target: amqp-uri }
      - { source: @{name}.mongodb-uri, target: mongodb-uri }
@{keys}
    networks: [broker, database]
    stop_grace_period: 30s
"""
_ADDRESSES = """\
  @{name}.amqp-uri: { file: "${LINLI_SECRETS:-.linli/compose}/@{name}.amqp-uri" }
  @{name}.mongodb-uri: { file: "${LINLI_SECRETS:-.linli/compose}/@{name}.mongodb-uri" }
"""


_OPERATOR = "/run/secrets"


def files(services: Sequence[ServiceEntry] = SERVICES) -> dict[Path, str]:
    names = [service.name for service in services]
    text = fill(
        "docker-compose.yml",
        services="\n".join(map(_container, services)),
        addresses=repeated(_ADDRESSES, names),
        operator_settings="\n".join(f"      {name}: {file}" for name, file in settings(names, _OPERATOR).items()),
        operator_secrets=repeated("".join(f"      - {file}\n" for file in FILES), names),
        keys="\n".join(_file(source) for service in services for source in _own_keys(service)),
    )
    return {Path("docker-compose.yml"): text}


def _container(service: ServiceEntry) -> str:
    files = key_files(service)
    return Template(_SERVICE).substitute(
        name=service.name,
        settings="\n".join(f"      {setting}: /run/secrets/{file}" for setting, file in files.items()),
        keys="\n".join(f"      - {_secret(service.name, file)}" for file in files.values()),
    )


def _secret(service: str, file: str) -> str:
    source = stored_as(service, file)
    return file if source == file else f"{{ source: {source}, target: {file} }}"


def _own_keys(service: ServiceEntry) -> list[str]:
    files = key_files(service).values()
    return [source for file in files if (source := stored_as(service.name, file)) != file]


def _file(source: str) -> str:
    return f'  {source}: {{ file: "${{LINLI_SECRETS:-.linli/compose}}/{source}" }}'
