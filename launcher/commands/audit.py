"""`./linli audit verify`: checks the audit logs of all services; exit code 0 only if every chain is intact."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from contextlib import ExitStack

import pymongo
from pymongo.errors import PyMongoError

from chassis.audit.chain import service_of
from chassis.audit.heads import HeadsUnavailable, StreamHeads
from chassis.audit.verify import Report, verify
from chassis.errors import Problem
from chassis.security.root_keys import read_key
from chassis.settings import Settings
from launcher.installation import Installation
from launcher.problems import Stopped
from launcher.servers.broker_topology import OPERATOR
from launcher.service_list import NAMES

_TIMEOUT_MS = 5000


class NotAnswering(Stopped):
    """Nothing was verified: the logs may be intact or not."""

    def __init__(self, server: str, reason: str) -> None:
        super().__init__(
            f"Nothing was verified: the {server} does not answer ({reason}). "
            "Check ./linli status, start what is down with ./linli up, and try again."
        )


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("act", choices=["verify"], help="check every entry, and every chain against its signed head")


def run(options: argparse.Namespace) -> int:
    del options
    installation = Installation.existing()
    try:
        parts = [part for part in installation.parts if part.name in NAMES]
        services = [Settings.for_service(part.name, part.settings) for part in parts]
        report = check(services, installation.amqp_uri(OPERATOR))
    except HeadsUnavailable as error:
        raise NotAnswering("broker, which holds the signed heads of the logs,", error.data["reason"]) from error
    except Problem as problem:
        raise Stopped(problem.text("en")) from problem
    print("\n".join(lines(report, [settings.service for settings in services])))
    return 1 if report.findings else 0


def check(services: Sequence[Settings], operator_uri: str) -> Report:
    """Reads the logs with the services' users and the heads with the broker's operator user."""
    keys = {settings.service: _keys(settings) for settings in services}
    with ExitStack() as stack:
        try:
            logs = [stack.enter_context(_client(each))[each.database]["audit"] for each in services]
            return verify(logs, StreamHeads(operator_uri), keys)
        except PyMongoError as error:
            raise NotAnswering("database", type(error).__name__) from error


def _client(settings: Settings) -> pymongo.MongoClient[dict[str, object]]:
    return pymongo.MongoClient(settings.mongodb_uri, serverSelectionTimeoutMS=_TIMEOUT_MS)


def _keys(settings: Settings) -> list[bytes]:
    """Returns the service's audit key, and the previous one if it was replaced."""
    files = ["LINLI_AUDIT_KEY_FILE", *({"LINLI_OLD_AUDIT_KEY_FILE"} & settings.environment.keys())]
    return [read_key(settings.secret(name, "the key of the service's audit log")) for name in files]


def lines(report: Report, services: Sequence[str]) -> list[str]:
    """One line per service, followed by one line per finding."""
    output = []
    writers = [*report.entries, *(finding.writer for finding in report.findings)]
    for service in sorted({*services, *map(service_of, writers)}):
        entries = [count for writer, count in report.entries.items() if service_of(writer) == service]
        found = [finding for finding in report.findings if service_of(finding.writer) == service]
        state = f"{len(found)} findings" if found else "intact"
        output.append(f"{service:10} {len(entries):5} writers {sum(entries):9} entries  {state}")
        output += [f"  {finding}" for finding in found]
    return output
