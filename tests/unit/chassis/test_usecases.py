"""Base classes of services and use cases."""

from __future__ import annotations

from typing import ClassVar

from mongoengine import Document

from chassis.process.runtime import documents_of
from chassis.usecases.service import Documents, Service, UseCases


class First(Document):  # type: ignore[misc]
    meta: ClassVar[dict[str, bool]] = {"abstract": True}


class Second(Document):  # type: ignore[misc]
    meta: ClassVar[dict[str, bool]] = {"abstract": True}


def test_a_service_stores_the_documents_that_its_use_cases_declare_each_once() -> None:
    class Base(UseCases):
        documents: Documents = (First,)

    class Commands(Base):
        documents: Documents = (Second, First)

    class Queries(Base):
        pass

    class Sample(Commands, Queries, Service):
        pass

    assert documents_of(Sample) == [Second, First]
