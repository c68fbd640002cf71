"""Verification of the audit log: checks every chain for tampering and against its last signed head."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec
from bson.codec_options import CodecOptions
from pymongo.collection import Collection

from chassis.audit.chain import ChainKey, Entry, Head, Heads, Row, entry_id, service_of


class Tampering(enum.StrEnum):
    """A kind of tampering; the value is the text of the report."""

    ALTERED = "an entry was edited or inserted"
    REMOVED = "entries were removed"
    MOVED = "an entry is in the place of another one"
    CUT = "the end of the chain was cut off"
    MISSING = "the whole chain is missing"
    NO_HEAD = "the chain has no signed head"
    REWRITTEN = "the chain does not match its signed head"
    FORGED_HEAD = "a head is not signed with a known key"


@dataclass(frozen=True)
class Finding:
    """A finding in the entries `first` to `last` of a writer's chain; for a forged head, the head's number."""

    tampering: Tampering
    writer: str
    first: int
    last: int

    def __str__(self) -> str:
        entries = f"{self.first}" if self.first == self.last else f"{self.first}-{self.last}"
        return f"{self.writer}:{entries} {self.tampering}"


@dataclass
class Report:
    """Result of a verification. `entries`: the number of entries of each writer."""

    entries: dict[str, int]
    findings: list[Finding]


def verify(logs: Iterable[Collection[Row]], heads: Heads, keys: Mapping[str, Sequence[bytes]]) -> Report:
    """Checks the logs of all services that publish to `heads`; writers may keep writing.

    `keys`: for each service, the current key, then the keys of its older chains; only a service's own keys are valid
    for its chains. Reads all heads, then each log once in id order. Raises `Unavailable` and the driver's errors.
    """
    signers = {service: [ChainKey(key) for key in of_service] for service, of_service in keys.items()}
    latest, findings = _latest(heads.read(), signers)
    chains: dict[str, _Chain] = {}
    for row in _rows(logs):
        writer, number = _place(row)
        if writer not in chains:
            chains[writer] = _Chain(writer, *latest.get(writer, (None, _present_key(signers, writer))))
        chains[writer].take(number, row)
    for chain in chains.values():
        findings += chain.finish()
    for writer, (head, _) in latest.items():
        if writer not in chains and head.number:
            findings.append(Finding(Tampering.MISSING, writer, 1, head.number))
    return Report({writer: chain.entries for writer, chain in chains.items()}, findings)


def _latest(
    heads: Iterator[Head], signers: Mapping[str, list[ChainKey]]
) -> tuple[dict[str, tuple[Head, ChainKey]], list[Finding]]:
    """Returns each writer's last head with the key that signed it, and the forged heads."""
    latest: dict[str, tuple[Head, ChainKey]] = {}
    forged = []
    for head in heads:
        key = next((key for key in signers.get(service_of(head.writer), []) if key.signs(head)), None)
        if key is None:
            forged.append(Finding(Tampering.FORGED_HEAD, head.writer, head.number, head.number))
        elif head.writer not in latest or latest[head.writer][0].number <= head.number:
            latest[head.writer] = head, key
    return latest, forged


def _present_key(signers: Mapping[str, list[ChainKey]], writer: str) -> ChainKey | None:
    return next(iter(signers.get(service_of(writer), [])), None)


def _rows(logs: Iterable[Collection[Row]]) -> Iterator[Row]:
    aware: CodecOptions[Row] = CodecOptions(tz_aware=True)
    for log in logs:
        yield from log.with_options(codec_options=aware).find().sort("_id", 1)


def _place(row: Row) -> tuple[str, int]:
    """Parses writer and number from an entry's id; number 0, which no entry has, if the id is malformed."""
    writer, _, digits = str(row["_id"]).rpartition(":")
    number = int(digits) if digits.isascii() and digits.isdecimal() else 0
    return writer, number if row["_id"] == entry_id(writer, number) else 0


@dataclass
class _Chain:
    """State of the verification of one writer's chain. After a finding it continues from the stored code."""

    writer: str
    head: Head | None
    key: ChainKey | None
    number: int = 0
    entries: int = 0
    findings: list[Finding] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.previous: str | None = self.key.start(self.writer) if self.key else None

    def take(self, number: int, row: Row) -> None:
        self.entries += 1
        if not number:
            self._note(Tampering.ALTERED, 0, 0)
            return
        if number > self.number + 1:
            self._note(Tampering.REMOVED, self.number + 1, number - 1)
            self.previous = None
        tampering = self._check(number, row)
        if tampering:
            self._note(tampering, number, number)
        self.number, self.previous = number, str(row.get("mac"))
        if self.head and self.head.number == number and self.head.mac != self.previous:
            self._note(Tampering.REWRITTEN, number, number)

    def _check(self, number: int, row: Row) -> Tampering | None:
        try:
            entry = msgspec.convert(row, Entry, strict=True)
        except msgspec.ValidationError:
            return Tampering.ALTERED
        if entry.number != number:
            return Tampering.MOVED
        if self.key is None:
            # No known service writes such a chain.
            return Tampering.ALTERED
        # After a gap, which is reported by itself, the first entry has no predecessor to be checked against.
        is_valid = self.previous is None or self.key.follows(entry, self.previous)
        return None if is_valid else Tampering.ALTERED

    def finish(self) -> list[Finding]:
        if self.head is None:
            self._note(Tampering.NO_HEAD, self.number, self.number)
        elif self.head.number > self.number:
            self._note(Tampering.CUT, self.number + 1, self.head.number)
        return self.findings

    def _note(self, tampering: Tampering, first: int, last: int) -> None:
        self.findings.append(Finding(tampering, self.writer, first, last))
