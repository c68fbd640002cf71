"""Blob store for photos, in GridFS or S3 by configuration. A handle accesses the blobs of its own tenant only.

Blobs are evidence and therefore immutable: they are written once. A repeated put of the same bytes succeeds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Protocol, TypeVar

import msgspec
import obstore
from gridfs import GridFSBucket, GridOut
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import S3Store
from pymongo import MongoClient
from pymongo.database import Database
from pymongo.errors import PyMongoError

from chassis.errors import Invalid, NotFound, Refused, Unavailable
from chassis.settings import DATABASE_TIMEOUTS, BadSetting, MissingSetting, Settings, concern

T = TypeVar("T")
_STORE_ERRORS = (BaseError, FileNotFoundError)
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


class BlobUnknown(NotFound):
    """The store has no blob under this key."""

    code = "blob_not_found"
    en = "This photo does not exist."
    zh = "该图片不存在。"


class BlobExists(Refused):
    """The ticket was already used for another photo."""

    code = "blob_exists"
    en = "This ticket was already used for another photo; request a new ticket."
    zh = "该凭证已用于上传另一张图片，请重新获取凭证。"


class BlobsUnavailable(Unavailable):
    """The blob store is unreachable."""

    code = "blobs_unavailable"
    en = "The photo store cannot be reached; try again in {retry_after} s with the same ticket."
    zh = "图片存储暂时不可用，请在 {retry_after} 秒后使用同一凭证重试。"


class Blob(msgspec.Struct, frozen=True):
    """Content and MIME type of a blob."""

    data: bytes
    mime: str


class BlobStore(Protocol):
    """Port of a blob store. Every method blocks, so run it in a thread, and may raise `BlobsUnavailable`."""

    def put(self, key: str, blob: Blob) -> None:
        """Returns once the blob is stored. Raises `BlobExists` if the key already has other bytes."""
        ...

    def get(self, key: str) -> Blob:
        """Returns the blob. Raises `BlobUnknown` if the key has none."""
        ...

    def delete(self, key: str) -> None:
        """Deletes the blob; succeeds if there is none."""
        ...


class TenantBlobs:
    """The blobs of one tenant. Ids have a fixed form (`chassis.ids`), so none can address another tenant's blob."""

    def __init__(self, store: BlobStore, tenant: str) -> None:
        self._store = store
        self._tenant = tenant

    def put(self, blob_id: str, blob: Blob) -> None:
        self._store.put(self._key(blob_id), blob)

    def get(self, blob_id: str) -> Blob:
        return self._store.get(self._key(blob_id))

    def delete(self, blob_id: str) -> None:
        self._store.delete(self._key(blob_id))

    def _key(self, blob_id: str) -> str:
        if not _ID.fullmatch(blob_id):
            raise Invalid(("blob", "it is not a valid blob id", "不是有效的文件编号"))
        return f"{self._tenant}/{blob_id}"


class GridFsBlobs:
    """Blob store in GridFS. The write concern of `database` decides when a blob counts as stored.

    A key is a file name. If two blobs are put under one key at the same time, the older one counts, so that what was
    read once never changes.
    """

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        self._bucket = GridFSBucket(database, bucket_name="photos")

    def put(self, key: str, blob: Blob) -> None:
        with _database_errors():
            oldest = self._oldest(key)
            if oldest is None:
                uploaded = self._bucket.upload_from_stream(key, blob.data, metadata={"mime": blob.mime})
                oldest = self._oldest(key)
                if oldest is not None and oldest._id == uploaded:
                    return
                self._bucket.delete(uploaded)
        if oldest is None or _blob_of(oldest) != blob:
            raise BlobExists()

    def get(self, key: str) -> Blob:
        with _database_errors():
            oldest = self._oldest(key)
            if oldest is None:
                raise BlobUnknown()
            return _blob_of(oldest)

    def delete(self, key: str) -> None:
        with _database_errors():
            for stored in self._bucket.find({"filename": key}):
                self._bucket.delete(stored._id)

    def _oldest(self, key: str) -> GridOut | None:
        return next(self._bucket.find({"filename": key}).sort("uploadDate", 1).limit(1), None)


def _blob_of(stored: GridOut) -> Blob:
    return Blob(stored.read(), (stored.metadata or {})["mime"])


@contextmanager
def _database_errors() -> Iterator[None]:
    try:
        yield
    except PyMongoError as error:
        raise BlobsUnavailable() from error


class Run(Protocol):
    """Calls a blocking function, here or in a thread pool, and returns its result."""

    def __call__(self, function: Callable[..., T], /, *arguments: Any, **named: Any) -> T: ...


def _at_once(function: Callable[..., T], /, *arguments: Any, **named: Any) -> T:
    return function(*arguments, **named)


class S3Blobs:
    """Blob store in a bucket of any S3 service that honours `If-None-Match` (AWS, MinIO, Ceph).

    `endpoint`: `https://host[:port]`. The bucket must exist. `run` makes the blocking calls: a service passes
    `eventlet.tpool.execute`, because its greenlets share one thread.
    """

    def __init__(
        self,
        endpoint: str,
        bucket: str,
        access_key: str,
        secret_key: str,
        region: str = "us-east-1",
        run: Run = _at_once,
    ) -> None:
        self._run = run
        self._store = S3Store(
            bucket,
            endpoint=endpoint,
            region=region,
            access_key_id=access_key,
            secret_access_key=secret_key,
            client_options={"allow_http": endpoint.startswith("http://"), "timeout": timedelta(seconds=30)},
            retry_config={"max_retries": 2, "retry_timeout": timedelta(seconds=10)},
        )

    def put(self, key: str, blob: Blob) -> None:
        try:
            attributes = {"Content-Type": blob.mime}
            self._run(obstore.put, self._store, key, blob.data, attributes=attributes, mode="create")
        except AlreadyExistsError as error:
            if self.get(key) != blob:
                raise BlobExists() from error
        except _STORE_ERRORS as error:  # obstore reports a missing bucket as FileNotFoundError
            raise BlobsUnavailable() from error

    def get(self, key: str) -> Blob:
        try:
            return self._run(self._read, key)
        except FileNotFoundError as error:
            raise BlobUnknown() from error
        except _STORE_ERRORS as error:
            raise BlobsUnavailable() from error

    def delete(self, key: str) -> None:
        try:
            self._run(obstore.delete, self._store, key)
        except _STORE_ERRORS as error:
            raise BlobsUnavailable() from error

    def _read(self, key: str) -> Blob:
        stored = obstore.get(self._store, key)
        return Blob(bytes(stored.bytes()), stored.attributes["Content-Type"])


def store_of(settings: Settings, run: Run = _at_once) -> BlobStore:
    """Factory: returns the store that `LINLI_BLOBS` names, `gridfs` (default) or `s3`; `run` as in `S3Blobs`.

    GridFS uses the database `LINLI_PHOTOS_DATABASE` (default `linli_photos`) at `MONGODB_URI`, which services and
    gateway share. S3 uses `LINLI_S3_ENDPOINT`, `_BUCKET`, `_ACCESS_KEY_FILE`, `_SECRET_KEY_FILE` and, optionally,
    `_REGION`. Raises `MissingSetting` or `BadSetting`.
    """
    kind = settings.environment.get("LINLI_BLOBS", "gridfs")
    if kind == "gridfs":
        return GridFsBlobs(_photos_database(settings))
    if kind != "s3":
        raise BadSetting(name="LINLI_BLOBS", reason=f"{kind!r} is neither gridfs nor s3")
    return S3Blobs(
        _need(settings, "LINLI_S3_ENDPOINT", "the address of the photo store"),
        _need(settings, "LINLI_S3_BUCKET", "the bucket for photos"),
        settings.secret("LINLI_S3_ACCESS_KEY_FILE", "the access key of the bucket").decode().strip(),
        settings.secret("LINLI_S3_SECRET_KEY_FILE", "the secret key of the bucket").decode().strip(),
        settings.environment.get("LINLI_S3_REGION", "us-east-1"),
        run,
    )


def _need(settings: Settings, name: str, purpose: str) -> str:
    if not settings.environment.get(name):
        raise MissingSetting(name=name, purpose=purpose)
    return settings.environment[name]


def _photos_database(settings: Settings) -> Database[dict[str, Any]]:
    client: MongoClient[dict[str, Any]] = MongoClient(
        settings.mongodb_uri, connect=False, retryWrites=False, **DATABASE_TIMEOUTS
    )
    name = settings.environment.get("LINLI_PHOTOS_DATABASE", "linli_photos")
    return client.get_database(name, write_concern=concern(settings.write_concern))
