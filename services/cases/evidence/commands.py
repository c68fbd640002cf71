"""Commands and queries of evidence: photos, exchanged with the blob store by ticket, and comments on a case."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Literal

import msgspec

from chassis.blobs.store import TenantBlobs
from chassis.blobs.tickets import Ticket, Tickets
from chassis.context import Call, Received
from chassis.entrypoints.consumer import every, handles
from chassis.entrypoints.rpc_server import command, query
from chassis.errors import Invalid
from chassis.persistence.damaged import report
from chassis.persistence.tenant_data import TenantData
from chassis.process.blob_provider import blob_store
from chassis.process.runtime import Provided, Runtime
from chassis.security.root_keys import read_key
from chassis.types import Answer, Id, Listed, Page
from chassis.usecases.pages import newest_first
from chassis.usecases.records import create, found, get, step_answer, to_answer
from chassis.usecases.service import Documents
from chassis.usecases.visibility import require_seen
from services.cases.api import evidence as api
from services.cases.case import views
from services.cases.case.events import Reported, Resolved, SelfResolved, Supplemented, Verified
from services.cases.case.model import visibility as scope
from services.cases.case.model.case import Case
from services.cases.case.model.permissions import require_permission
from services.cases.directory.merged_cases import id_of_parent, merged_into, parent_of
from services.cases.directory.replicas import require_city
from services.cases.evidence.lookups import is_shown
from services.cases.evidence.model import Comment, Photo, PhotoElsewhere, PhotoState, WrongPhotoState
from services.cases.records import RecordCommands
from vocabulary.roles import Permission

_TICKET_LIFE = timedelta(minutes=10)
_SECONDS = 60
_MOST_PURGED = 100


def _tickets(runtime: Runtime) -> Tickets:
    purpose = "the key that signs tickets for photos, shared with the gateway"
    return Tickets(read_key(runtime.settings.secret("LINLI_TICKET_KEY_FILE", purpose)))


class EvidenceCommands(RecordCommands):
    documents: Documents = (Photo, Comment)

    tickets = Provided(_tickets)
    blobs = Provided(blob_store)

    # photos

    @command
    def ask_photo(self, call: Call, wanted: api.WantedPhoto) -> Answer:
        """Creates a photo record; the answer includes its id and the upload ticket."""

        def answer(photo: Photo) -> Answer:
            return step_answer(photo) | self._ticket(call, photo.key, "upload")

        data = self.data.of(call)
        require_city(data)
        return create(data, Photo, lambda key: Photo.ask(key, call.principal, wanted.purpose, call.now), answer)

    @command
    def note_photo_stored(self, call: Call, photo: Id, stored: api.Stored) -> Answer:
        """By the gateway, on behalf of the uploader, once the bytes are stored."""
        return self._act(call, Photo, photo, lambda kept: kept.store(call.principal, stored))

    @query
    def view_photo(self, call: Call, photo: Id) -> Answer:
        """Returns a view ticket: to the owner while the photo is unused, then to whoever sees it in its case."""
        data = self.data.of(call)
        document = data.get(Photo, photo)
        if document.state == PhotoState.STORED:
            require_seen(document.owner == call.principal.subject)
        else:
            require_seen(
                document.state == PhotoState.ATTACHED and photo in self._photos_seen(call, data, document.subject)
            )
        self.audit.record(call.principal, "cases.photo.read", [photo], ",".join(sorted(call.principal.purposes)))
        return {"sha256": document.sha256} | self._ticket(call, photo, "view")

    @handles(Reported, Supplemented, Verified, SelfResolved, Resolved)
    def attach_photos(self, event: Received) -> None:
        """Attaches the photos to their case. One that another matter took first is no longer this case's."""
        data, case = self.data.of(event), event.envelope.subject
        lost: list[str] = []
        for photo in event.data.get("photos", []):
            try:
                data.change(Photo, photo, lambda kept: kept.attach(case))
            except (PhotoElsewhere, WrongPhotoState):
                lost.append(photo)
        if lost:
            data.change(Case, case, lambda document: document.lose_photos(lost))

    @every(interval=_SECONDS)
    def sweep_photos(self) -> None:
        """Removes photos that were never attached, and deletes the bytes of removed ones."""
        self.data.each_tenant(self._sweep)
        self.data.each_tenant(self._purge_photos)

    def _sweep(self, data: TenantData) -> None:
        self.data.fire_due(data, Photo, lambda photo: photo.sweep(data.events_known_until, is_shown(data, photo)))

    def _purge_photos(self, data: TenantData) -> None:
        blobs = TenantBlobs(self.blobs, data.context.tenant)
        where = {"state": PhotoState.REMOVED, "purged": False}
        for row in data.rows(Photo, where, ["state"], limit=_MOST_PURGED):
            try:
                blobs.delete(row["key"])
            except Invalid:
                report(Photo.__name__, row["key"], "its id is not that of a photo")
                continue
            data.change(Photo, row["key"], lambda photo: photo.note_purged())

    # comments

    @command
    def comment(self, call: Call, case: Id, words: api.Comment) -> Answer:
        data, by = self.data.of(call), call.principal
        document = get(data, Case, case)
        require_permission(by, Permission.COMMENT)
        sealed = self._seal(call, words.text, "comment.text")
        hidden = not document.event_actor(by.subject)

        def build(key: str) -> Comment:
            return Comment.write(
                key, by, visibility=words.visibility, text=sealed, now=call.now, hidden=hidden, **document.reach()
            )

        return create(data, Comment, build, step_answer)

    @query
    def list_comments(self, call: Call, case: Id, page: Page) -> Listed[Answer]:
        """For staff all comments, for a party those meant for it; none for those who see the case masked."""
        data, by = self.data.of(call), call.principal
        document = get(data, Case, case)
        require_permission(by, Permission.READ_COMMENTS)
        require_seen(not scope.is_masked(document, by))
        party = scope.reads_as_party(document, by)
        where = self._for_party(data, document) if party else _for_staff(document)
        unknown = views.hidden_persons(document, by)

        def show(comment: Comment) -> Answer:
            facts = to_answer(comment, "unit", "visibility", "at")
            if not party:
                facts |= {"author": "", "unit": ""} if comment.author in unknown else {"author": comment.author}
            return facts | {"text": comment.text}

        sealed = newest_first(data, Comment, where, "at", page, show)
        texts = self._open_all(call, {item["id"]: {"comment.text": item["text"]} for item in sealed.items})
        return Listed(items=[item | texts[item["id"]] for item in sealed.items], next=sealed.next)

    def _for_party(self, data: TenantData, case: Case) -> dict[str, Any]:
        """What is meant for the parties; of a merged case also at its parent, but for what the parent's parties say."""
        where: dict[str, Any] = {"case": case.key, "visibility": "parties"}
        parent = parent_of(data, case)
        if parent is None:
            return where
        others = set(parent.persons) - set(case.persons)
        return where | {"case": {"$in": [case.key, parent.key]}, "author": {"$nin": sorted(others)}}

    def _ticket(self, call: Call, photo: str, purpose: Literal["upload", "view"]) -> Answer:
        expires = call.now + _TICKET_LIFE
        most = api.MOST_BYTES if purpose == "upload" else 0
        ticket = Ticket(tenant=call.tenant, blob=photo, purpose=purpose, expires=expires, max_bytes=most)
        return msgspec.structs.asdict(api.PhotoTicket(id=photo, ticket=self.tickets.issue(ticket), expires=expires))

    def _photos_seen(self, call: Call, data: TenantData, case: str) -> set[str]:
        document = found(data, Case, case)
        if document is None:
            return self._photos_of_merged(call, data, case)
        view = views.detail(document, call.principal)
        proofs = [photo for result in view.get("results", []) for photo in result.get("proof", [])]
        verified = (view.get("verification") or {}).get("photos", [])
        return {*view["photos"], *proofs, *verified}

    def _photos_of_merged(self, call: Call, data: TenantData, case: str) -> set[str]:
        """Photos of a merged case, for a caller who sees its parent alone."""
        above = id_of_parent(data, case)
        parent = found(data, Case, above) if above else None
        if parent is None:
            return set()
        merged = views.detail(parent, call.principal, children=merged_into(data, parent)).get("merged_cases", [])
        return {photo for child in merged if child["case"] == case for photo in child["photos"]}


def _for_staff(case: Case) -> dict[str, Any]:
    """All comments on the case, and on those that were merged into it."""
    merged = [child.case for child in case.merged_children()]
    return {"case": {"$in": [case.key, *merged]} if merged else case.key}
