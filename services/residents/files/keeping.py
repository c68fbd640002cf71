"""Use cases of files: they are kept sealed in the blob store, and deleted when their time is over."""

from __future__ import annotations

import base64
from contextlib import suppress
from datetime import datetime

from chassis.blobs.store import Blob, BlobExists, TenantBlobs
from chassis.context import Context
from chassis.entrypoints.consumer import every
from chassis.errors import NotFound
from chassis.persistence.tenant_data import TenantData
from chassis.process.blob_provider import blob_store
from chassis.process.runtime import Provided
from chassis.usecases.service import Documents
from services.residents.files.model import StoredFile
from services.residents.records import ResidentsUseCases

_SECONDS = 30
_MOST_DELETED = 100
_SEALED = "application/vnd.linli.sealed"


class FileKeeping(ResidentsUseCases):
    documents: Documents = (StoredFile,)

    blobs = Provided(blob_store)

    def _keep_file(self, context: Context, key: str, content: bytes, until: datetime) -> None:
        """Stores the content under the key of its record. A repeated call keeps what the first one stored."""
        data = self.data.of(context)
        data.add(StoredFile(id=StoredFile.identity(context.tenant, key), tenant=context.tenant, kept_until=until))
        sealed = self.keys.of(context.tenant).seal(base64.b64encode(content).decode(), self._use(key))
        with suppress(BlobExists):
            TenantBlobs(self.blobs, context.tenant).put(key, Blob(sealed.encode(), _SEALED))

    def _read_file(self, context: Context, key: str) -> bytes:
        """Returns the content. Raises `BlobUnknown` once its time is over."""
        sealed = TenantBlobs(self.blobs, context.tenant).get(key).data.decode()
        return base64.b64decode(self.keys.of(context.tenant).open(sealed, self._use(key)))

    @staticmethod
    def _drop_file(data: TenantData, key: str) -> None:
        """Its time is over now."""

        def drop(file: StoredFile) -> None:
            file.kept_until = data.context.now

        with suppress(NotFound):
            data.change(StoredFile, key, drop)

    @every(interval=_SECONDS)
    def delete_files(self) -> None:
        self.data.each_tenant(self._delete)

    def _delete(self, data: TenantData) -> None:
        blobs = TenantBlobs(self.blobs, data.context.tenant)
        for file in data.find(StoredFile, {"kept_until": {"$lte": data.context.now}}, limit=_MOST_DELETED):
            blobs.delete(file.key)
            data.destroy(file)

    def _use(self, key: str) -> str:
        return f"{self.owner}.file.{key}"
