"""Blob stores: GridFS and S3 pass the same tests, on real servers."""

from __future__ import annotations

import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pymongo
import pytest
from moto.server import ThreadedMotoServer

from chassis.blobs.store import (
    Blob,
    BlobExists,
    BlobStore,
    BlobsUnavailable,
    BlobUnknown,
    GridFsBlobs,
    S3Blobs,
    TenantBlobs,
    store_of,
)
from chassis.errors import Invalid
from chassis.ids import fresh
from chassis.settings import BadSetting, MissingSetting
from launcher.servers.database import Database
from tests.servers import ports
from tests.servers.site import Site

PHOTO = Blob(bytes(range(256)) * 4000, "image/jpeg")
OTHER = Blob(b"another", "image/jpeg")


@pytest.fixture(scope="module")
def s3_endpoint() -> Iterator[str]:
    server = ThreadedMotoServer("127.0.0.1", ports.free(1)[0], verbose=False)
    server.start()
    yield "http://{}:{}".format(*server.get_host_and_port())
    server.stop()


@pytest.fixture
def s3(s3_endpoint: str, site: Site) -> S3Blobs:
    make_bucket = urllib.request.Request(f"{s3_endpoint}/{site.name}", method="PUT")
    with urllib.request.urlopen(make_bucket, timeout=10):
        return S3Blobs(s3_endpoint, site.name, "access", "secret")


@pytest.fixture(params=["gridfs", "s3"])
def store(request: pytest.FixtureRequest, site: Site) -> BlobStore:
    if request.param == "s3":
        return request.getfixturevalue("s3")
    return GridFsBlobs(site.collections("cases"))


@pytest.fixture
def wuhai(store: BlobStore) -> TenantBlobs:
    return TenantBlobs(store, "wuhai")


def test_a_photo_comes_back_as_it_was_put(wuhai: TenantBlobs) -> None:
    wuhai.put("P1", PHOTO)
    wuhai.put("P2", OTHER)
    assert wuhai.get("P1") == PHOTO
    assert wuhai.get("P2") == OTHER


def test_another_tenants_photo_is_not_there(store: BlobStore, wuhai: TenantBlobs) -> None:
    wuhai.put("P1", PHOTO)
    yaan = TenantBlobs(store, "yaan")
    with pytest.raises(BlobUnknown):
        yaan.get("P1")
    yaan.delete("P1")
    yaan.put("P1", OTHER)
    assert wuhai.get("P1") == PHOTO


@pytest.mark.parametrize("key", ["", "../yaan/P1", "yaan/P1", "P 1", "%2e%2e", "P1\n", "图", "x" * 65, ".", ".."])
def test_what_is_no_id_is_refused(wuhai: TenantBlobs, key: str) -> None:
    for act in (wuhai.get, wuhai.delete, lambda key: wuhai.put(key, PHOTO)):
        with pytest.raises(Invalid):
            act(key)


def test_a_repeated_put_is_answered_the_same(wuhai: TenantBlobs) -> None:
    wuhai.put("P1", PHOTO)
    wuhai.put("P1", PHOTO)
    assert wuhai.get("P1") == PHOTO


@pytest.mark.parametrize("other", [OTHER, Blob(PHOTO.data, "image/png")])
def test_a_photo_cannot_be_replaced(wuhai: TenantBlobs, other: Blob) -> None:
    wuhai.put("P1", PHOTO)
    with pytest.raises(BlobExists):
        wuhai.put("P1", other)
    assert wuhai.get("P1") == PHOTO


def test_of_photos_put_at_once_under_one_id_one_is_kept(wuhai: TenantBlobs) -> None:
    photos = [Blob(bytes([number]) * 300_000, "image/jpeg") for number in range(8)]

    def put(photo: Blob) -> bool:
        try:
            wuhai.put("P1", photo)
        except BlobExists:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        kept = [photo for photo, taken in zip(photos, pool.map(put, photos), strict=True) if taken]
    assert wuhai.get("P1") in kept
    wuhai.delete("P1")
    with pytest.raises(BlobUnknown):
        wuhai.get("P1")


def test_a_deleted_photo_is_gone_and_deleting_it_again_is_well(wuhai: TenantBlobs) -> None:
    wuhai.put("P1", PHOTO)
    wuhai.delete("P1")
    with pytest.raises(BlobUnknown):
        wuhai.get("P1")
    wuhai.delete("P1")


def test_an_empty_store_has_no_photos(wuhai: TenantBlobs) -> None:
    with pytest.raises(BlobUnknown):
        wuhai.get("P1")


def test_cases_and_the_gateway_share_the_photos_and_org_cannot_see_them(database: Database, site: Site) -> None:
    def blobs(user: str) -> TenantBlobs:
        named = {"MONGODB_URI": database.uri(user), "LINLI_PHOTOS_DATABASE": "linli_photos"}
        return TenantBlobs(store_of(site.service_settings(user, **named)), "wuhai")

    blob_id = fresh()
    blobs("gateway").put(blob_id, PHOTO)
    assert blobs("cases").get(blob_id) == PHOTO
    with pytest.raises(BlobsUnavailable):
        blobs("org").get(blob_id)
    blobs("cases").delete(blob_id)
    with pytest.raises(BlobUnknown):
        blobs("gateway").get(blob_id)


def test_the_store_is_chosen_by_configuration(s3: S3Blobs, s3_endpoint: str, site: Site, tmp_path: Path) -> None:
    (tmp_path / "access").write_text("access\n")
    (tmp_path / "secret").write_text("secret\n")
    named = {
        "LINLI_BLOBS": "s3",
        "LINLI_S3_ENDPOINT": s3_endpoint,
        "LINLI_S3_BUCKET": site.name,
        "LINLI_S3_ACCESS_KEY_FILE": str(tmp_path / "access"),
        "LINLI_S3_SECRET_KEY_FILE": str(tmp_path / "secret"),
    }
    store_of(site.service_settings("cases", **named)).put("wuhai/P1", PHOTO)
    assert s3.get("wuhai/P1") == PHOTO
    for name in list(named)[1:]:
        with pytest.raises(MissingSetting):
            store_of(site.service_settings("cases", **{**named, name: ""}))
    with pytest.raises(BadSetting):
        store_of(site.service_settings("cases", LINLI_BLOBS="tape"))


IN_A_SERVICE = """
import eventlet
eventlet.monkey_patch()
import sys
from eventlet import tpool
from chassis.blobs.store import Blob, S3Blobs

store = S3Blobs(*sys.argv[1:], "access", "secret", run=tpool.execute)
store.put("wuhai/P1", Blob(b"photo", "image/jpeg"))
assert store.get("wuhai/P1").data == b"photo"
store.delete("wuhai/P1")
"""


def test_s3_is_reached_from_greenlets(s3: S3Blobs, s3_endpoint: str, site: Site) -> None:
    subprocess.run([sys.executable, "-c", IN_A_SERVICE, s3_endpoint, site.name], check=True, timeout=30)


def test_gridfs_leaves_no_chunks_of_a_deleted_photo(site: Site) -> None:
    collections = site.collections("cases")
    wuhai = TenantBlobs(GridFsBlobs(collections), "wuhai")
    wuhai.put("P1", PHOTO)
    wuhai.delete("P1")
    assert collections["photos.chunks"].count_documents({}) == 0


def unreachable_stores() -> list[BlobStore]:
    port = ports.free(1)[0]
    client: pymongo.MongoClient[dict[str, object]] = pymongo.MongoClient(
        f"mongodb://127.0.0.1:{port}", serverSelectionTimeoutMS=200
    )
    return [GridFsBlobs(client["none"]), S3Blobs(f"http://127.0.0.1:{port}", "none", "access", "secret")]


def test_a_store_that_cannot_be_reached_says_so() -> None:
    for store in unreachable_stores():
        for act in (store.get, store.delete, lambda key, store=store: store.put(key, PHOTO)):
            with pytest.raises(BlobsUnavailable):
                act("wuhai/P1")


def test_a_bucket_that_is_not_there_says_so(s3_endpoint: str) -> None:
    with pytest.raises(BlobsUnavailable):
        S3Blobs(s3_endpoint, "nobodys", "access", "secret").put("wuhai/P1", PHOTO)
