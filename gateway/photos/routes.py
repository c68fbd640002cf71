"""Routes of photos: checked and re-encoded here, stored with a ticket of their service, never sent over the broker."""

from __future__ import annotations

import asyncio
from typing import Literal, get_args

import msgspec
from fastapi import APIRouter
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import Response

from chassis.blobs.store import Blob, TenantBlobs
from chassis.errors import Invalid
from chassis.validation import faults_of
from gateway.api import schema
from gateway.api.endpoint import location, refuse_parameters
from gateway.api.operation import Operation
from gateway.http.problems import UnsupportedMedia
from gateway.photos import pictures
from gateway.request_context import AppState, RequestContext, context_of
from services.cases.api.evidence import PhotoId, PhotoKept, PhotoTicket, Purpose
from vocabulary.roles import Permission

#: The service that signs the tickets, and the only one with `photos = true` in services.toml.
OWNER = "cases"
PATH = "/v1/photos"
#: Photos in memory, and being encoded, at any one time: encoding one takes a core for half a second. A photo that is
#: still arriving lies in a file instead, and holds one of the places of uploads.
MAX_HELD, MAX_ENCODED = 16, 1

_FORM = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["purpose", "file"],
                "properties": {
                    "purpose": {"enum": list(get_args(Purpose))},
                    "file": {"type": "string", "format": "binary", "description": "JPEG, PNG or WebP."},
                },
            }
        }
    },
}


#: Their OpenAPI entries, apart from the multipart form and the image.
SEND = Operation(
    service=OWNER,
    tag="photos",
    verb="POST",
    path=PATH,
    method="note_photo_stored",
    summary="Upload a photo; put its id into your report or step",
    permissions=(Permission.ADD_PHOTO,),
    condition="visitors without a sign-in, with Linli-Tenant and Linli-Visit",
    answer=PhotoKept,
    creates=True,
    public=True,
)
SHOW = Operation(
    service=OWNER,
    tag="photos",
    verb="GET",
    path=PATH + "/{photo}",
    method="view_photo",
    summary="Get a photo",
    permissions=(Permission.READ_CASE,),
    condition="and the sender alone until it is used",
    named={"photo": PhotoId},
)


class Photos:
    """Transfers photos between callers and the blob store."""

    def __init__(self, state: AppState) -> None:
        self._state = state
        self._limits = pictures.Limits(max_bytes=state.settings.photo_bytes)
        self._held = asyncio.Semaphore(MAX_HELD)
        self._encoding = asyncio.Semaphore(MAX_ENCODED)

    async def keep(self, request: Request) -> Response:
        refuse_parameters(request)
        context = await context_of(self._state, request, public=True, needs_key=True)
        with self._state.uploads.one_for(context.caller.counted_as, context.address):
            async with request.form(max_files=1, max_fields=1) as form:
                purpose, file = _parts(form)
                async with self._held:
                    ticket, picture = await self._store(context, purpose, await file.read())
        stored = {
            "sha256": picture.sha256,
            "size": len(picture.data),
            "width": picture.width,
            "height": picture.height,
        }
        answer = await context.ask(SEND.service, SEND.method, {"photo": ticket, **stored})
        return Response(answer, 201, location(SEND, request, answer), "application/json")

    async def _store(self, context: RequestContext, purpose: str, content: bytes) -> tuple[str, pictures.Picture]:
        """Returns the id of the blob, and the picture that it holds."""
        ticket = self._checked(context, await context.ask(OWNER, "ask_photo", {"purpose": purpose}), "upload")
        async with self._encoding:
            picture = await asyncio.to_thread(pictures.clean, content, self._limits)
        await asyncio.to_thread(self._blobs(context).put, ticket, Blob(picture.data, pictures.MIME))
        return ticket, picture

    async def show(self, request: Request) -> Response:
        refuse_parameters(request)
        photo = request.path_params["photo"]
        if faults := faults_of(photo, PhotoId, "photo"):
            raise Invalid(*faults)
        context = await context_of(self._state, request)
        ticket = self._checked(
            context, await context.ask(SHOW.service, SHOW.method, {"photo": photo}, batched=True), "view"
        )
        blob = await asyncio.to_thread(self._blobs(context).get, ticket)
        return Response(blob.data, media_type=blob.mime)

    def _blobs(self, context: RequestContext) -> TenantBlobs:
        return TenantBlobs(self._state.blobs, context.principal.tenant)

    def _checked(self, context: RequestContext, answer: bytes, purpose: Literal["upload", "view"]) -> str:
        """Returns the id of the blob that the ticket opens. Raises `BadTicket`."""
        ticketed = msgspec.json.decode(answer, type=PhotoTicket)
        now = self._state.settings.chassis.clock().now()
        return self._state.tickets.check(ticketed.ticket, context.principal.tenant, purpose, now).blob


def _parts(form: FormData) -> tuple[str, UploadFile]:
    purpose, file = form.get("purpose"), form.get("file")
    if not isinstance(purpose, str) or not purpose:
        raise Invalid(("purpose", "it is missing", "缺少该字段"))
    if not isinstance(file, UploadFile):
        raise Invalid(("file", "it is not a file", "不是文件"))
    return purpose, file


def add_to(router: APIRouter, state: AppState) -> None:
    photos = Photos(state)

    @router.post(
        PATH,
        status_code=201,
        tags=[SEND.tag],
        response_model=None,
        responses=schema.responses(SEND, located=True),
        operation_id="gateway.send_photo",
        summary=SEND.summary,
        description=(
            f"Available to: {SEND.needs}. Send an Idempotency-Key. Only the picture itself is kept: no location, time "
            "or device. A photo that is not used within a day is deleted."
        ),
        openapi_extra=schema.request(SEND) | {"requestBody": _FORM},
    )
    async def send(request: Request) -> Response:
        if not request.headers.get("content-type", "").startswith("multipart/form-data"):
            raise UnsupportedMedia(taken="multipart/form-data")
        return await photos.keep(request)

    @router.get(
        SHOW.path,
        operation_id="gateway.show_photo",
        tags=[SHOW.tag],
        responses={200: schema.file_answer(pictures.MIME), **schema.problem_responses("GET")},
        response_class=Response,
        summary=SHOW.summary,
        description=f"Available to: {SHOW.needs}. Each read is audited.",
        openapi_extra=schema.request(SHOW),
    )
    async def show(request: Request) -> Response:
        return await photos.show(request)
