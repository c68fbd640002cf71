"""Tenant placement: the database collections of each tenant, on the cluster where the tenant lives."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from mongoengine import StringField
from pymongo import ASCENDING, DESCENDING, MongoClient
from pymongo.collection import Collection
from pymongo.errors import PyMongoError

from chassis.persistence.aggregate import Aggregate
from chassis.persistence.group_commit import GroupCommit, GroupLoad, Row
from chassis.persistence.typed import Document
from chassis.settings import DATABASE_TIMEOUTS, concern
from chassis.types import TENANT

#: Seconds (a year): until then a parked event can be replayed and still takes effect only once.
_HANDLED_RETENTION = 365 * 24 * 3600


class Handled(Document):
    """Inbox record of a handled event that its aggregate no longer lists.

    `_id` is `<aggregate id>:<event id>`, `t` the time at which it was handled.
    """

    meta = {"strict": False, "auto_create_index": False}
    id: str = StringField(primary_key=True)
    tenant: str = StringField(required=True)


@dataclass(frozen=True)
class TenantCollection:
    """The collection of one model on one cluster, with its batched reads and writes."""

    pymongo: Collection[Row]
    load: GroupLoad
    commit: GroupCommit


class TenantCollections:
    """All collections of a service. `placement` names the cluster of each tenant that is not on the default one."""

    def __init__(
        self,
        uri: str,
        database: str,
        placement: Mapping[str, str],
        write_concern: str,
        models: Iterable[type[Document]],
    ) -> None:
        self._default = uri
        self._database = database
        self._placement = placement
        self._write_concern = concern(write_concern)
        self._models = [*models, Handled]
        self._clients: dict[str, MongoClient[Row]] = {}
        self._collections: dict[tuple[str, str], TenantCollection] = {}
        self._noted_tenants: set[str] = set()

    def of(self, tenant: str, model: type[Document]) -> TenantCollection:
        """Returns the model's collection on the tenant's cluster. Raises `ValueError` if the name is malformed."""
        if not TENANT.fullmatch(tenant):
            raise ValueError(f"not a tenant's name: {tenant!r}")
        return self._at(self._placement.get(tenant, self._default), model)

    def everywhere(self, model: type[Document]) -> list[TenantCollection]:
        """Returns the model's collection on every cluster, for sweeps over all tenants."""
        return [self._at(uri, model) for uri in self._uris()]

    def tenants(self) -> list[str]:
        """Returns every tenant that has ever written here."""
        return sorted(row["_id"] for row in self._tenants_seen().find({}, {"_id": 1}))

    def note_tenant(self, tenant: str) -> None:
        """Records a tenant before its first write, so that timers find it after a restart."""
        if tenant not in self._noted_tenants:
            self._tenants_seen().update_one({"_id": tenant}, {"$set": {"seen": True}}, upsert=True)
            self._noted_tenants.add(tenant)

    def _tenants_seen(self) -> Collection[Row]:
        return self._client(self._default)[self._database]["tenants_seen"]

    def models(self) -> list[type[Document]]:
        return list(self._models)

    def database(self, tenant: str = "") -> Any:
        """Returns the tenant's database, for data that are not aggregates (keys, audit, photos)."""
        client = self._client(self._placement.get(tenant, self._default))
        return client.get_database(self._database, write_concern=self._write_concern)

    def answers(self) -> bool:
        """Returns whether the service's own cluster answers now; waits some seconds for it."""
        try:
            self._client(self._default).admin.command("ping")
        except PyMongoError:
            return False
        return True

    def ensure_indexes(self) -> None:
        """Creates missing indexes. Raises the driver's error if the database is unreachable."""
        for model in self._models:
            for collection in self.everywhere(model):
                present = collection.pymongo.index_information()
                for keys, options in _indexes(model):
                    name = "_".join(f"{field}_{direction}" for field, direction in keys)
                    if name not in present:
                        collection.pymongo.create_index(keys, name=name, **options)

    def close(self) -> None:
        for client in self._clients.values():
            client.close()

    def _uris(self) -> list[str]:
        return [self._default, *sorted(set(self._placement.values()) - {self._default})]

    def _at(self, uri: str, model: type[Document]) -> TenantCollection:
        name = model._get_collection_name()
        if (uri, name) not in self._collections:
            collection = self._client(uri)[self._database].get_collection(name, write_concern=self._write_concern)
            self._collections[uri, name] = TenantCollection(collection, GroupLoad(collection), GroupCommit(collection))
        return self._collections[uri, name]

    def _client(self, uri: str) -> MongoClient[Row]:
        if uri not in self._clients:
            # The driver must not retry a write: only this code can tell whether the first attempt took effect.
            self._clients[uri] = MongoClient(uri, tz_aware=True, retryWrites=False, connect=False, **DATABASE_TIMEOUTS)
        return self._clients[uri]


def _indexes(model: type[Document]) -> list[tuple[list[tuple[str, int]], dict[str, Any]]]:
    """Returns the model's own indexes and the one for timers, each with the tenant first, and those for sweeps."""
    declared: list[tuple[str, ...]] = list(getattr(model, "indexes", []))
    if hasattr(model, "next_due_at"):
        declared.append(("next_due_at",))
    indexes: list[tuple[list[tuple[str, int]], dict[str, Any]]] = [(_keys(fields), {}) for fields in declared]
    indexes += [(_keys(fields), {"unique": True}) for fields in getattr(model, "unique", [])]
    indexes += [(_keys((field,)), _unique_if_any(field)) for field in getattr(model, "unique_if_any", [])]
    if issubclass(model, Aggregate):
        indexes.append(([("outbox.t", ASCENDING)], {}))
        if model.has_natural_key:
            indexes.append((_keys(("made_by",)), {}))
    if model is Handled:
        indexes.append(([("t", ASCENDING)], {"expireAfterSeconds": _HANDLED_RETENTION}))
    return indexes


def _unique_if_any(field: str) -> dict[str, Any]:
    """Returns the options of an index that leaves out rows without a text in the field."""
    return {"unique": True, "partialFilterExpression": {field: {"$gt": ""}}}


def _keys(fields: tuple[str, ...]) -> list[tuple[str, int]]:
    return [("tenant", ASCENDING)] + [
        (field.removeprefix("-"), DESCENDING if field.startswith("-") else ASCENDING) for field in fields
    ]
