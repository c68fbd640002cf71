"""Envelope encryption of personal data at rest: data keys for each tenant, sealed values, blind indexes.

A tenant has numbered data keys; Linli creates the first. A new value is sealed with the newest key that is stored and
names its key, so that a further key, which no command creates yet, needs no rewrite of stored values. The database
holds keys wrapped by a root key that is stored elsewhere (a file here; another `RootKey` could use a key management
service): a stolen database alone cannot be decrypted.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import re
import unicodedata
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pymongo.collection import Collection
from pymongo.errors import DuplicateKeyError

from chassis.clock import Clock
from chassis.errors import Problem
from chassis.security.root_keys import KEY_BYTES, KeyLocked, RootKey

_NONCE_BYTES = 12
# For this long after a further key is stored, a process may still seal with the older one.
_RECHECK = timedelta(minutes=1)
_SEALED = re.compile(r"v1\.([1-9][0-9]{0,8})\.([A-Za-z0-9_-]+)")
_INDEX = "index"


class SealBroken(Problem):
    """A sealed value was altered, or belongs to another tenant or field. `context`: the field."""

    code = "seal_broken"
    en = "A protected value ({context}) cannot be decrypted: it was altered or belongs elsewhere. Contact the operator."
    zh = "受保护的数据（{context}）无法解密：数据已被改动或不属于此处。请联系运维人员。"


class KeyUnknown(Problem):
    """A sealed value names a key that this tenant does not have. `key`: the key's id."""

    code = "data_key_unknown"
    en = "The key {key} of a protected value is missing; restore the collection `keys` from its backup."
    zh = "受保护数据的密钥 {key} 不存在，请从备份恢复 keys 集合。"


class Rewrapped(NamedTuple):
    """Outcome of a rotation: how many stored keys were wrapped again, and the ids of those that stayed locked."""

    rewrapped: int
    locked: list[str]


class KeyRing:
    """Key store of all tenants of a service: documents `{_id: "<tenant>:<number>", wrapped, created_at}`.

    `root` wraps the data keys and `index_root` the keys of the blind indexes: a search for a value does not require
    the right to read it.
    """

    def __init__(
        self, collection: Collection[dict[str, Any]], root: RootKey, index_root: RootKey, clock: Clock
    ) -> None:
        self._collection = collection
        self._root = root
        self._index_root = index_root
        self._clock = clock
        self._sealers: dict[str, Sealer] = {}

    def of(self, tenant: str) -> Sealer:
        """Returns the tenant's sealer."""
        sealer = self._sealers.get(tenant)
        if sealer is None:
            sealer = self._sealers[tenant] = Sealer(self, tenant)
        return sealer

    def now(self) -> datetime:
        return self._clock.now()

    def load(self, name: str) -> bytes | None:
        """Returns the unwrapped key `name`, or None if it does not exist. Raises `KeyLocked`."""
        stored = self._collection.find_one({"_id": name})
        return None if stored is None else self._root_of(name).unwrap(bytes(stored["wrapped"]), name)

    def load_or_make(self, name: str) -> bytes:
        """Returns the key `name`, created if missing. Two processes that create it at once both get the first one."""
        key = self.load(name)
        if key is None:
            key = os.urandom(KEY_BYTES)
            wrapped = self._root_of(name).wrap(key, name)
            try:
                self._collection.insert_one({"_id": name, "wrapped": wrapped, "created_at": self._clock.now()})
            except DuplicateKeyError:
                return self.load_or_make(name)
        return key

    def locked(self) -> list[str]:
        """Returns the ids of the stored keys that the root keys cannot unwrap."""
        return [row["_id"] for row in self._collection.find({}) if self._is_locked(row)]

    def rewrap(self) -> Rewrapped:
        """Rewraps with the new root key every key that only the old one can unwrap.

        A key that neither can unwrap stays as it is, and the others do not wait for it.
        Each key is replaced by its own conditional update, so this may stop at any step, be repeated, and run in
        several processes at once. The data keys stay the same, and so do sealed values and blind indexes.
        """
        count, locked = 0, []
        for row in self._collection.find({}):
            name = row["_id"]
            try:
                wrapped = self._root_of(name).rewrapped(bytes(row["wrapped"]), name)
            except KeyLocked:
                locked.append(name)
                continue
            if wrapped is not None:
                as_read = {"_id": name, "wrapped": row["wrapped"]}
                count += self._collection.update_one(as_read, {"$set": {"wrapped": wrapped}}).modified_count
        return Rewrapped(count, locked)

    def _is_locked(self, row: dict[str, Any]) -> bool:
        try:
            self._root_of(row["_id"]).unwrap(bytes(row["wrapped"]), row["_id"])
        except KeyLocked:
            return True
        return False

    def _root_of(self, name: str) -> RootKey:
        return self._index_root if name.endswith(f":{_INDEX}") else self._root


class Sealer:
    """Authenticated encryption (AES-256-GCM) of one tenant's personal data. Keys are loaded at first use.

    `context` names the field (`cases.reporter.phone`) and is bound to the value: a sealed value that was moved to
    another field, tenant or key cannot be opened.
    """

    def __init__(self, ring: KeyRing, tenant: str) -> None:
        self._ring = ring
        self._tenant = tenant
        self._keys: dict[int, AESGCM] = {}
        self._current = 0
        self._check_at: datetime | None = None
        self._index_key = b""

    def seal(self, text: str, context: str) -> str:
        """Returns `v1.<key>.<base64url of nonce, ciphertext and tag>`.

        Nonces are random, so one key may seal up to 2^32 values (NIST SP 800-38D, 8.3).
        """
        number = self._newest()
        nonce = os.urandom(_NONCE_BYTES)
        body = self._keys[number].encrypt(nonce, text.encode(), self._bound(number, context))
        return f"v1.{number}.{base64.urlsafe_b64encode(nonce + body).rstrip(b'=').decode()}"

    def open(self, sealed: str, context: str) -> str:
        """Returns the plain text. Raises `SealBroken`, `KeyUnknown` or `KeyLocked`."""
        number, body = _parse(sealed, context)
        aead = self._keys.get(number) or self._load(number)
        if aead is None:
            raise KeyUnknown(key=self._name(number))
        try:
            return aead.decrypt(body[:_NONCE_BYTES], body[_NONCE_BYTES:], self._bound(number, context)).decode()
        except (InvalidTag, ValueError) as error:
            raise SealBroken(context=context) from error

    def blind(self, value: str, kind: str) -> str:
        """Returns the blind index of a value: equal for equal values of one tenant and `kind` (`phone`,
        `identity_number`, …); 128 bits, base64url.

        Normalises the value first. Without the index key, which does not rotate, the result reveals nothing.
        """
        if not self._index_key:
            self._index_key = self._ring.load_or_make(f"{self._tenant}:{_INDEX}")
        normal = _NORMAL_FORMS.get(kind, plain)(value)
        digest = hmac.digest(self._index_key, f"{kind}\0{normal}".encode(), hashlib.sha256)
        return base64.urlsafe_b64encode(digest[:16]).rstrip(b"=").decode()

    def _newest(self) -> int:
        if self._check_at is None or self._ring.now() >= self._check_at:
            return self._find_newest()
        return self._current

    def _find_newest(self) -> int:
        """Probes `_id` after `_id`, so that no list of keys and no further index are needed."""
        number = self._current
        while self._load(number + 1):
            number += 1
        if not number:
            self._ring.load_or_make(self._name(1))
            return self._find_newest()
        self._current = max(number, self._current)
        self._check_at = self._ring.now() + _RECHECK
        return self._current

    def _load(self, number: int) -> AESGCM | None:
        key = self._ring.load(self._name(number))
        if key is None:
            return None
        return self._keys.setdefault(number, AESGCM(key))

    def _name(self, number: int) -> str:
        return f"{self._tenant}:{number}"

    def _bound(self, number: int, context: str) -> bytes:
        return f"v1\0{number}\0{self._tenant}\0{context}".encode()


def _parse(sealed: str, context: str) -> tuple[int, bytes]:
    """Returns the key number and the bytes. Accepts only the encoding that `seal` produces."""
    match = _SEALED.fullmatch(sealed)
    if match is None or len(match[2]) % 4 == 1:
        raise SealBroken(context=context)
    body = base64.urlsafe_b64decode(match[2] + "=" * (-len(match[2]) % 4))
    # The last base64 character has unused bits: a value that differs only in them was altered too.
    if base64.urlsafe_b64encode(body).rstrip(b"=").decode() != match[2]:
        raise SealBroken(context=context)
    return int(match[1]), body


def plain(value: str) -> str:
    """Returns the normal form of a text: whoever writes it in capitals or full width means the same."""
    return "".join(unicodedata.normalize("NFKC", value).casefold().split())


def _phone(value: str) -> str:
    """Normalises a phone number: digits only, without China's country code: `+86 139-0000 0001` is `13900000001`."""
    digits = re.sub(r"[^0-9]", "", plain(value))
    return re.sub(r"^(00)?86(?=1[0-9]{10}$)", "", digits)


_NORMAL_FORMS: dict[str, Callable[[str], str]] = {"phone": _phone}
