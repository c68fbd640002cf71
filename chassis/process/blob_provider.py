"""Factory of a service's blob store, from its settings: `blobs = Provided(blob_store)`."""

from __future__ import annotations

from eventlet import tpool

from chassis.blobs.store import BlobStore, store_of
from chassis.process.runtime import Runtime


def blob_store(runtime: Runtime) -> BlobStore:
    # obstore blocks in native code, which would stall all other greenlets; so it runs in a thread pool.
    return store_of(runtime.settings, tpool.execute)
