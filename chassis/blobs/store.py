"""Photos in a store: GridFS or S3, by configuration. A handle reaches the blobs of its own tenant alone.

A blob is put once and never changed: it is evidence. What repeats a put with the same bytes gets the same answer.
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
from chassis.process.settings import BadSetting, MissingSetting, Settings, concern

T = TypeVar("T")
_STORE_ERRORS = (BaseError, FileNotFoundError)
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


class BlobUnknown(NotFound):
    code = "blob_not_found"
    en = "There is no such photo."
    zh = "没有该图片。"


class BlobExists(Refused):
    """Somebody used the same ticket for another picture."""

    code = "blob_exists"
    en = "Another photo was already sent with this ticket; ask for a new ticket."
    zh = "该凭证已用于上传另一张图片,请重新获取凭证。"


class BlobsUnavailable(Unavailable):
    code = "blobs_unavailable"
    en = "The store of photos cannot be reached; try again in {retry_after} s with the same ticket."
    zh = "图片存储暂不可用,请在 {retry_after} 秒后用相同凭证重试。"


class Blob(msgspec.Struct, frozen=True):
    data: bytes
    mime: str


class BlobStore(Protocol):
    """Blobs by key. Every method raises `BlobsUnavailable`. Blocking: run in a thread."""

    def put(self, key: str, blob: Blob) -> None:
        """Returns when the blob is kept. Raises `BlobExists` when the key has other bytes."""
        ...

    def get(self, key: str) -> Blob:
        """Raises `BlobUnknown`."""
        ...

    def delete(self, key: str) -> None:
        """Gone or never there: both are well."""
        ...


class TenantBlobs:
    """The blobs of one tenant; ids are ours (`chassis.ids`), so another tenant's key cannot be spelled."""

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
            raise Invalid(("blob", "is not an id of a blob", "不是有效的文件编号"))
        return f"{self._tenant}/{blob_id}"


class GridFsBlobs:
    """In the MongoDB database `database`, whose write concern decides when a blob is kept.

    A key is a file name. Of two that are put at once under one key the older is the one that counts, so that
    what was read once stays what it is.
    """

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        self._bucket = GridFSBucket(database, bucket_name="photos")

    def put(self, key: str, blob: Blob) -> None:
        with _database_errors():
            first = self._first(key)
            if first is None:
                own = self._bucket.upload_from_stream(key, blob.data, metadata={"mime": blob.mime})
                first = self._first(key)
                if first is not None and first._id == own:
                    return
                self._bucket.delete(own)
        if first is None or _blob_of(first) != blob:
            raise BlobExists()

    def get(self, key: str) -> Blob:
        with _database_errors():
            first = self._first(key)
            if first is None:
                raise BlobUnknown()
            return _blob_of(first)

    def delete(self, key: str) -> None:
        with _database_errors():
            for stored in self._bucket.find({"filename": key}):
                self._bucket.delete(stored._id)

    def _first(self, key: str) -> GridOut | None:
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
    def __call__(self, function: Callable[..., T], /, *arguments: Any, **named: Any) -> T: ...


def _at_once(function: Callable[..., T], /, *arguments: Any, **named: Any) -> T:
    return function(*arguments, **named)


class S3Blobs:
    """In a bucket of anything that speaks S3 and honours `If-None-Match` (AWS, MinIO, Ceph).

    `endpoint`: `https://host[:port]`. The bucket must be there. `run` calls what blocks the whole thread: a
    service, whose greenlets share one, gives `eventlet.tpool.execute`.
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
            kept = {"Content-Type": blob.mime}
            self._run(obstore.put, self._store, key, blob.data, attributes=kept, mode="create")
        except AlreadyExistsError as error:
            if self.get(key) != blob:
                raise BlobExists() from error
        except _STORE_ERRORS as error:  # a bucket that is not there counts as a file that was not found
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
    """The store that `LINLI_BLOBS` names: `gridfs` (as long as nothing is said) or `s3`; `run` as in `S3Blobs`.

    GridFS: the database `LINLI_PHOTOS_DATABASE` (`linli_photos`) of `MONGODB_URI`, which services and gateway
    share. S3: `LINLI_S3_ENDPOINT`, `_BUCKET`, `_ACCESS_KEY_FILE`, `_SECRET_KEY_FILE` and perhaps `_REGION`.
    """
    kind = settings.environment.get("LINLI_BLOBS", "gridfs")
    if kind == "gridfs":
        return GridFsBlobs(_photos_database(settings))
    if kind != "s3":
        raise BadSetting(name="LINLI_BLOBS", reason=f"{kind!r} is neither gridfs nor s3")
    return S3Blobs(
        _need(settings, "LINLI_S3_ENDPOINT", "the address of the store of photos"),
        _need(settings, "LINLI_S3_BUCKET", "the bucket of photos"),
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
        settings.mongodb_uri, connect=False, retryWrites=False, serverSelectionTimeoutMS=3000
    )
    name = settings.environment.get("LINLI_PHOTOS_DATABASE", "linli_photos")
    return client.get_database(name, write_concern=concern(settings.write_concern))
