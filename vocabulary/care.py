"""How a tenant cares for households: classes of needs, colours of household cards (五色户卡), and the rhythm of visits.

A class or colour may go from the settings while records still name it: they keep its code, and no visits follow.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from chassis.types import Form
from vocabulary.fields import Slug

LONGEST_RHYTHM = 366
Rhythm = Annotated[
    int, msgspec.Meta(ge=0, le=LONGEST_RHYTHM, description="Days from one visit to the next; 0: no visits are planned.")
]


class Visited(Form, frozen=True, kw_only=True):
    """What a household is visited for. `visit_every`: see `Rhythm`."""

    code: Slug
    zh: Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
    en: Annotated[str, msgspec.Meta(min_length=1, max_length=80)]
    visit_every: Rhythm = 0


class NeedClass(Visited, frozen=True, kw_only=True):
    """A class of needs."""


class CardColour(Visited, frozen=True, kw_only=True):
    """A colour of household cards; its names say what it means in this city."""


NEEDS = (
    NeedClass(code="life", zh="生活困难", en="Daily life", visit_every=30),
    NeedClass(code="health", zh="健康照护", en="Health", visit_every=15),
    NeedClass(code="company", zh="陪伴关爱", en="Company", visit_every=7),
)
COLOURS = (
    CardColour(code="red", zh="重点帮扶户", en="Needs help most", visit_every=7),
    CardColour(code="yellow", zh="经常关爱户", en="Needs regular care", visit_every=15),
    CardColour(code="blue", zh="日常联系户", en="Kept in touch with", visit_every=90),
    CardColour(code="green", zh="一般服务户", en="Needs nothing in particular", visit_every=180),
    CardColour(code="orange", zh="热心互助户", en="Helps its neighbours", visit_every=0),
)


class Care(Form, frozen=True, kw_only=True):
    """`needs`, `colours`: a list that is given replaces the standard one. `raise_after`: each time that a missed visit
    has waited so many days, it is passed up a tier, as far as the street."""

    needs: Annotated[tuple[NeedClass, ...], msgspec.Meta(min_length=1, max_length=30)] = NEEDS
    colours: Annotated[tuple[CardColour, ...], msgspec.Meta(min_length=1, max_length=12)] = COLOURS
    raise_after: Annotated[int, msgspec.Meta(ge=1, le=60, description="Days.")] = 3
