"""Routes of OpenRosa, for phones with ODK Collect and for Enketo: forms, their lists, and submissions.

They are told what the protocol knows: Basic credentials, its own documents, and statuses of which 200 would mean that a
submission failed. https://docs.getodk.org/openrosa-form-submission/
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeAlias

import msgspec
from fastapi import APIRouter
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from chassis.errors import Invalid, Problem
from chassis.types import Id
from chassis.validation import faults_of
from gateway.http import problems
from gateway.http.addresses import address_of
from gateway.http.problems import BadRequest, TooLarge, UnsupportedMedia
from gateway.openrosa import documents
from gateway.request_context import AppState, RequestContext, context_for
from services.residents.api.submissions import MOST_BYTES, PhoneFile, PhoneForms

OWNER = "residents"
PATH = "/v1/openrosa"
SUBMISSION = f"{PATH}/submission"
#: Of a submission: the XML, and the form around it.
SIZE = MOST_BYTES + 4096
_XML = "text/xml; charset=utf-8"
_HEADERS = {"X-OpenRosa-Version": "1.0", "X-OpenRosa-Accept-Content-Length": str(SIZE)}
#: What the protocol has no status for; ODK Central answers so too.
_STATUSES = {415: 400, 422: 400}
_RECEIVED = {"zh-CN": "已收到填报。", "en": "The submission was received."}
_FILE_PART = "xml_submission_file"
#: Seconds for a list of a whole grid.
_LIST_TIMEOUT = 30.0

Handler: TypeAlias = Callable[[Request, RequestContext], Awaitable[Response]]


class OpenRosa:
    """Handlers of one gateway."""

    def __init__(self, state: AppState) -> None:
        self._state = state
        self._base = state.settings.public_url.rstrip("/") + PATH

    def of(self, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
        """Wraps a handler: it gets the caller, and its problems become answers that a phone shows."""

        async def endpoint(request: Request) -> Response:
            try:
                authorization = request.headers.get("authorization", "")
                caller = await self._state.app_passwords.of(authorization, address_of(request))
                return await handler(request, context_for(self._state, request, caller))
            except Problem as problem:
                return _refusal(problem, request)

        return endpoint

    async def form_list(self, _: Request, context: RequestContext) -> Response:
        answer = await context.ask(OWNER, "list_phone_forms", {}, timeout=_LIST_TIMEOUT)
        return _xml(documents.form_list(msgspec.json.decode(answer, type=PhoneForms).items, self._base))

    async def form(self, request: Request, context: RequestContext) -> Response:
        return _xml((await _file(request, context, "get_phone_form")).text.encode())

    async def manifest(self, request: Request, context: RequestContext) -> Response:
        subjects = await _file(request, context, "list_phone_subjects")
        address = f"{self._base}/forms/{request.path_params['task']}/subjects.csv"
        return _xml(documents.manifest(subjects, address))

    async def subjects(self, request: Request, context: RequestContext) -> Response:
        subjects = await _file(request, context, "list_phone_subjects")
        return Response(subjects.text, media_type="text/csv", headers=_HEADERS)

    async def announce(self, _: Request, __: RequestContext) -> Response:
        return Response(status_code=204, headers=_HEADERS)

    async def submit(self, request: Request, context: RequestContext) -> Response:
        if not request.headers.get("content-type", "").startswith("multipart/form-data"):
            raise UnsupportedMedia(taken="multipart/form-data")
        with self._state.uploads.one_for(context.caller.counted_as, context.address):
            xml = await _submitted(request)
        await context.ask(OWNER, "submit_form", {"xml": xml})
        language = problems.language(request.headers.get("accept-language", ""))
        return _xml(documents.response(_RECEIVED[language], "submit_success"), 201)


async def _file(request: Request, context: RequestContext, method: str) -> PhoneFile:
    task = request.path_params["task"]
    if faults := faults_of(task, Id, "task"):
        raise Invalid(*faults)
    answer = await context.ask(OWNER, method, {"task": task}, timeout=_LIST_TIMEOUT)
    return msgspec.json.decode(answer, type=PhoneFile)


async def _submitted(request: Request) -> str:
    """Returns the XML. Raises `BadRequest`, `Invalid`, `TooLarge`."""
    try:
        async with request.form(max_files=2, max_fields=2, max_part_size=SIZE) as form:
            return await _xml_of(form)
    except HTTPException as error:
        raise BadRequest(reason="it is malformed") from error


async def _xml_of(form: FormData) -> str:
    if len([each for _, each in form.multi_items() if isinstance(each, UploadFile)]) > 1:
        raise Invalid(("file", "no form here asks for a file", "本平台表单不含附件"))
    part = form.get(_FILE_PART)
    content = await part.read() if isinstance(part, UploadFile) else (part or "").encode()
    if len(content) > MOST_BYTES:
        raise TooLarge(limit=MOST_BYTES)
    try:
        xml = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Invalid((_FILE_PART, "it is not UTF-8", "不是 UTF-8 编码")) from error
    if not xml:
        raise Invalid((_FILE_PART, "it is missing", "缺少该字段"))
    return xml


def _xml(content: bytes, status: int = 200) -> Response:
    return Response(content, status, _HEADERS, media_type=_XML)


def _refusal(problem: Problem, request: Request) -> Response:
    language = problems.language(request.headers.get("accept-language", ""))
    content = problems.body(problem, language, request.state.correlation_id)
    faults = "; ".join(f"{each['field']}: {each['reason']}" for each in content.get("fields", ()))
    message = " ".join(filter(None, (content["title"], faults)))
    status = _STATUSES.get(content["status"], content["status"])
    answer = _xml(documents.response(message, "submit_error"), status)
    if status == 401:
        answer.headers["WWW-Authenticate"] = 'Basic realm="linli", charset="UTF-8"'
    if "retry_after" in content:
        answer.headers["Retry-After"] = str(content["retry_after"])
    return answer


def add_to(router: APIRouter, state: AppState) -> None:
    here = OpenRosa(state)
    routes: list[tuple[str, str, Handler]] = [
        ("GET", f"{PATH}/formList", here.form_list),
        ("GET", f"{PATH}/forms/{{task}}", here.form),
        ("GET", f"{PATH}/forms/{{task}}/manifest", here.manifest),
        ("GET", f"{PATH}/forms/{{task}}/subjects.csv", here.subjects),
        ("HEAD", SUBMISSION, here.announce),
        ("POST", SUBMISSION, here.submit),
    ]
    for verb, path, handler in routes:
        # A protocol of its own, which openapi.json does not describe.
        router.add_api_route(path, here.of(handler), methods=[verb], include_in_schema=False, response_model=None)
