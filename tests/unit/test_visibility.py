"""Every model declares who may see its records; without a declaration nobody may."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest

from chassis.errors import NotFound
from chassis.persistence.aggregate import Aggregate, Replica
from chassis.process.runtime import documents_of
from chassis.security.principal import Principal
from chassis.usecases.visibility import Visible, VisibleToTenant, require_seen
from launcher.service_list import SERVICES, ServiceEntry


def models_of(service: ServiceEntry) -> list[type[Any]]:
    module, _, name = service.runs.partition(":")
    return [model for model in documents_of(getattr(import_module(module), name)) if not issubclass(model, Replica)]


MODELS = [model for service in SERVICES for model in models_of(service)]
ANYBODY = Principal(tenant="wuhai", subject="u1", roles=frozenset())


def name(model: type[Any]) -> str:
    return model.__name__


@pytest.mark.parametrize("model", MODELS, ids=name)
def test_every_model_says_who_sees_it(model: type[Aggregate]) -> None:
    said = issubclass(model, Visible) and model.seen_by is not Visible.seen_by
    assert said, f"nobody wrote down who sees {model.__name__}"


def test_everybody_in_the_tenant_sees_those_alone_that_say_so() -> None:
    assert {model.__name__ for model in MODELS if issubclass(model, VisibleToTenant)} == {
        "Tenant", "Division", "Grid", "GridMerge", "Estate", "Building", "PartyOrganisation",
        "Unit", "Post", "Assignment", "Power", "ListEntry", "WhistleRule", "Sponsorship", "Emergency",
        "Field", "FormTemplate", "ColumnMapping",
    }  # fmt: skip


def test_what_does_not_say_who_sees_it_answers_like_an_id_that_does_not_exist() -> None:
    class Unsaid(Visible):
        """A record without a visibility rule."""

    with pytest.raises(NotFound):
        require_seen(Unsaid(id="wuhai:K1", tenant="wuhai").seen_by(ANYBODY))
