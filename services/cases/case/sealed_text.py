"""Field encryption of free text and personal data: sealed on write, opened or masked on read, each read audited."""

from __future__ import annotations

from collections.abc import Iterable
from hmac import compare_digest
from typing import Any

from chassis.audit.writer import Audit
from chassis.context import Call
from chassis.ids import as_derived, derived
from chassis.security.masking import mask
from chassis.security.sealing import KeyRing, Sealer
from chassis.types import is_blank

#: Associated data per field: a sealed value can be opened only as the field it was sealed for.
CONTEXTS = {
    "text": "cases.text",
    "screened_text": "cases.text",
    "address": "cases.address",
    "name": "cases.reporter.name",
    "phone": "cases.reporter.phone",
    "note": "cases.note",
    "go_to": "cases.note",
    "inspection_note": "cases.note",
    "title": "cases.sub_task",
}
_CODE_LENGTH = 10
#: Parts of a view whose entries have sealed values of their own.
_NESTED = ("parties", "merged_cases")
#: Parts of a view that are one entry with sealed fields.
_WITH_NOTE = ("verification", "rejection", "result")
#: The sealed fields of such entries and of steps.
_NOTES = ("note", "go_to", "inspection_note", "title")


def seal(sealer: Sealer, field: str, text: str) -> str:
    """Seals a field's text; blank text becomes ""."""
    return sealer.seal(text, CONTEXTS[field]) if not is_blank(text) else ""


def follow_code(sealer: Sealer, case: str) -> str:
    """Returns the code that opens a case without a sign-in: 50 bits derived from the index key."""
    return derived(sealer.blind(case, "follow"))[:_CODE_LENGTH]


def code_opens(sealer: Sealer, case: str, code: str) -> bool:
    """Returns whether the code, however it is typed (`as_derived`), opens the case."""
    return compare_digest(as_derived(code).encode(), follow_code(sealer, case).encode())


def person_of_phone(sealer: Sealer, phone: str) -> str:
    """Returns the blind index of a phone number; "" for text without a digit, such as `无`."""
    return f"phone:{sealer.blind(phone, 'phone')}" if any(map(str.isdigit, phone)) else ""


class ViewUnsealer:
    """Opens or masks the sealed values of a view, for one call."""

    def __init__(self, keys: KeyRing, audit: Audit, call: Call) -> None:
        self._sealer = keys.of(call.tenant)
        self._audit = audit
        self._call = call

    def opened(self, view: dict[str, Any]) -> dict[str, Any]:
        """Returns the view with its `sealed` values opened or masked; the read goes to the audit log first."""
        masked = view.get("masked", False)
        opened = view | self._values(view.pop("sealed", {}), masked)
        opened["parties"] = self._people(view["parties"], masked)
        merged = view.get("merged_cases", [])
        for name, entries in list(opened.items()):
            if isinstance(entries, list) and entries and isinstance(entries[0], dict) and name not in _NESTED:
                opened[name] = self.steps(entries, masked)
        opened |= self._notes(opened, masked)
        if merged:
            opened["merged_cases"] = [self._merged(child) for child in merged]
        self._record("cases.case.read", [view["id"], *(child["case"] for child in merged)])
        return opened

    def told(self, view: dict[str, Any]) -> dict[str, Any]:
        """Returns the page behind number and code with what its reporter is told opened; such a read is audited."""
        if any((view.get(part) or {}).get(name) for part in _WITH_NOTE for name in _NOTES):
            self._record("cases.case.read", [view["id"]])
        return view | self._notes(view, masked=False)

    def steps(self, entries: Iterable[dict[str, Any]], masked: bool) -> list[dict[str, Any]]:
        """Returns steps or embedded entries with their notes opened, or emptied if the caller sees cases masked."""
        return [self._step(entry, masked) for entry in entries]

    def _people(self, parties: list[dict[str, Any]], masked: bool) -> list[dict[str, Any]]:
        return [party | self._values(party.pop("sealed", {}), masked) for party in parties]

    def _merged(self, child: dict[str, Any]) -> dict[str, Any]:
        parties, supplements = self._people(child["parties"], False), self.steps(child["supplements"], False)
        return child | self._values(child.pop("sealed"), False) | {"parties": parties, "supplements": supplements}

    def _notes(self, view: dict[str, Any], masked: bool) -> dict[str, Any]:
        return {name: self._step(view[name], masked) for name in _WITH_NOTE if name in view}

    def record_history(self, case: str) -> None:
        self._record("cases.history.read", [case])

    def _step(self, entry: dict[str, Any] | None, masked: bool) -> Any:
        if not entry:
            return entry
        return entry | {
            name: "" if masked else self._open(name, value) for name, value in entry.items() if name in _NOTES and value
        }

    def _values(self, sealed: dict[str, str], masked: bool) -> dict[str, str]:
        return {name: self._shown(name, value, masked) for name, value in sealed.items()}

    def _shown(self, name: str, value: str, masked: bool) -> str:
        if not value or (masked and name == "address"):
            return ""
        text = self._open(name, value)
        return mask(name, text) if masked else text

    def _open(self, name: str, value: str) -> str:
        return self._sealer.open(value, CONTEXTS[name])

    def _record(self, action: str, subjects: list[str]) -> None:
        purposes = self._call.principal.purposes
        self._audit.record(self._call.principal, action, subjects, ",".join(sorted(purposes)))
