"""Aggregate of a representative (代理人): who acts for a resident, by which proof, and until when."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, ClassVar

from mongoengine import DateTimeField, StringField

from chassis.envelope import NOBODY
from chassis.errors import Invalid, Refused
from chassis.security.principal import Principal
from chassis.usecases.visibility import VisibleToNobody
from services.residents.people.model import DECEASED, MERGED, NotLivingHere, Resident
from services.residents.representatives.events import RepresentativeChanged

IN_FORCE, ENDED = "IN_FORCE", "ENDED"
#: The proof of close relatives, who alone act for a person that died (article 49 of China's PIPL).
KINSHIP = "kinship"
_LONGEST = timedelta(days=5 * 366)


class RepresentativeEnded(Refused):
    code = "representative.ended"
    en = "This representation has ended already."
    zh = "该代理关系已终止。"


class NoProofForTheDead(Refused):
    code = "representative.kinship_needed"
    en = "This person died: only a close relative who proves the kinship can act for them."
    zh = "该居民已去世，仅近亲属凭亲属关系证明可以代为办理。"


class Representative(VisibleToNobody):
    """`resident`: the record for which they were registered, which may be merged by now. `subject`: their sign-in.

    `name` is sealed. `proof`: the kind of document that the counter saw.
    """

    meta: ClassVar[dict[str, Any]] = {"collection": "representatives"}
    indexes: ClassVar[list[tuple[str, ...]]] = [("resident", "_id"), ("subject", "_id")]
    visible_to = NOBODY

    resident: str = StringField(required=True)
    subject: str = StringField(required=True)
    name: str = StringField(required=True)
    proof: str = StringField(required=True)
    until: datetime = DateTimeField(required=True)
    state: str = StringField(default=IN_FORCE)
    registered_at: datetime = DateTimeField(required=True)
    registered_by: str = StringField(required=True)

    @classmethod
    def register(
        cls, by: Principal, key: str, resident: Resident, subject: str, name: str, proof: str, until: datetime,
        now: datetime,
    ) -> Representative:  # fmt: skip
        """`name` is sealed. Whether the caller may is decided by the resident's record."""
        if resident.state == MERGED:
            raise NotLivingHere(state=resident.state)
        if resident.state == DECEASED and proof != KINSHIP:
            raise NoProofForTheDead()
        if not now < until <= now + _LONGEST:
            raise Invalid(("until", "it must lie ahead, within five years", "须晚于当前时间且不超过五年"))
        made = cls(
            id=cls.identity(by.tenant, key), tenant=by.tenant, resident=resident.key, subject=subject,
             name=name, proof=proof, until=until, registered_at=now, registered_by=by.subject,
        )  # fmt: skip
        made.emit(made.state_event())
        return made

    def end(self) -> None:
        if self.state != IN_FORCE:
            raise RepresentativeEnded()
        self.state = ENDED
        self.emit(self.state_event())

    def acts_for(self, resident: Resident, now: datetime) -> bool:
        """Returns whether they may act now for the person, who may have died since."""
        holds = self.state == IN_FORCE and now < self.until
        return holds and (resident.state != DECEASED or self.proof == KINSHIP)

    def event_actor(self, actor: str) -> str:
        return ""  # who dismisses one is the person, whose sign-in no event tells

    def state_event(self) -> RepresentativeChanged:
        return RepresentativeChanged(id=self.key, resident=self.resident, state=self.state)
