"""Problem details (RFC 9457): the gateway's own problems, and rendering in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from starlette.responses import Response

from chassis.errors import Expired, Overloaded, Problem, Unavailable

MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:linli:problem:"
#: Statuses that ask the caller to repeat the request, and the seconds until then if the problem does not say.
_REPEATED, _RETRY_AFTER = (429, 503, 504), 2


class NoAnswer(Problem):
    """`service` did not answer in time; the call may or may not have run."""

    status = 504
    code = "no_answer"
    en = "No answer came in time. Repeat the request with the same idempotency key; it will not run twice."
    zh = "等待响应超时。请用相同的幂等键重试，不会重复执行。"


class NoService(Unavailable):
    """No replica of this service is consuming requests."""

    code = "service_down"
    en = "This part of the service is not running; try again in {retry_after} s."
    zh = "该服务当前未运行，请在 {retry_after} 秒后重试。"


class TooManyRequests(Problem):
    """Over the rate limit. `retry_after`: seconds."""

    status = 429
    code = "rate_limited"
    en = "Too many requests; try again in {retry_after} s."
    zh = "请求过于频繁，请在 {retry_after} 秒后重试。"


class TooLarge(Problem):
    """The request is over the `limit` of this path, in bytes."""

    status = 413
    code = "too_large"
    en = "The request is too large; this address accepts up to {limit} bytes."
    zh = "请求过大，此地址最多接受 {limit} 字节。"


class KeyMissing(Problem):
    status = 400
    code = "idempotency_key_missing"
    en = "The Idempotency-Key header is missing; add one (a new random value for each resource) and repeat."
    zh = "缺少 Idempotency-Key 请求头，请添加（每次新建使用新的随机值）后重试。"


class WeakVersion(Problem):
    """`If-Match` has a weak ETag, which matches nothing: RFC 9110, 13.1.1, compares strongly."""

    status = 412
    code = "version_weak"
    en = "If-Match has a weak ETag, which matches no version; send the ETag of this API, without W/."
    zh = "If-Match 中的 ETag 为弱校验值，不与任何版本匹配，请提交本接口返回的 ETag（不带 W/）。"


class NoSuchRoute(Problem):
    status = 404
    code = "no_such_address"
    en = "This address does not exist; /v1/openapi.json lists those that do."
    zh = "地址不存在；全部地址见 /v1/openapi.json。"


class MethodNotAllowed(Problem):
    """`allowed`: the methods of this path."""

    status = 405
    code = "method_not_allowed"
    en = "This address does not support {method}; use {allowed}."
    zh = "此地址不支持 {method} 方法，请使用 {allowed}。"


class BadRequest(Problem):
    """The request is malformed. `reason` says how."""

    status = 400
    code = "bad_request"
    en = "The request cannot be read: {reason}."
    zh = "无法读取该请求：{reason}。"
    chinese = {
        "reason": {
            "it is malformed": "格式有误",
            "the address must be percent-encoded UTF-8": "地址须为百分号编码的 UTF-8 文本",
            "the body is empty": "请求体为空",
            "the body gives a name twice": "请求体中有重复的名称",
            "the Idempotency-Key must be 1 to 128 visible ASCII characters": "Idempotency-Key 须为 1 至 128 个可见字符",
            "without a sign-in, the Linli-Tenant header must name the city": "未登录时须以 Linli-Tenant 请求头指明城市",
            'If-Match must be an ETag from this API, like "7"': 'If-Match 须为本接口返回的 ETag(形如 "7")',
            "If-Match must name the version that you last read, not *": "If-Match 须为最近读取的版本，不得为 *",
            "Last-Event-ID must be an event id from this stream": "Last-Event-ID 须为本事件流返回的编号",
        }
    }


class UnsupportedMedia(Problem):
    """`taken`: the media type that this path accepts."""

    status = 415
    code = "unsupported_media"
    en = "This address accepts only {taken}; set the Content-Type accordingly."
    zh = "此地址仅接受 {taken}，请设置相应的 Content-Type。"


#: Texts for a GET (English, Chinese): it has no idempotency key and is simply repeated.
_READ_TEXTS: Mapping[str, tuple[str, str]] = {
    NoAnswer.code: ("No answer came in time; repeat the request.", "等待响应超时，请重试。"),
    Expired.code: ("The request waited too long; repeat it.", "请求等待超时，请重试。"),
    Overloaded.code: (
        "Too many requests are waiting; try again in {retry_after} s.",
        "等待处理的请求过多，请在 {retry_after} 秒后重试。",
    ),
    Unavailable.code: (
        "The service is temporarily unavailable; try again in {retry_after} s.",
        "服务暂时不可用，请在 {retry_after} 秒后重试。",
    ),
    Problem.code: ("Something went wrong on our side; repeat the request.", "服务内部出错，请重试。"),
}


#: Characters of Accept-Language that count: what browsers send is shorter.
_LONGEST_ACCEPT = 200


def language(accept: str) -> str:
    """Returns `zh-CN` or `en`, whichever Accept-Language ranks higher; Chinese if it names neither."""
    best, best_weight = "zh-CN", 0.0
    for part in accept[:_LONGEST_ACCEPT].split(","):
        tag, _, parameters = part.strip().partition(";")
        weight = _weight(parameters)
        primary = tag.partition("-")[0].strip().lower()
        if primary in ("zh", "en") and weight > best_weight:
            best, best_weight = ("zh-CN" if primary == "zh" else "en"), weight
    return best


def _weight(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0


def body(problem: Problem, language: str, correlation_id: str, *, is_read: bool = False) -> dict[str, Any]:
    """Returns the members of RFC 9457, plus `code`, the problem's data and the correlation id."""
    wire = problem.to_wire()
    data = dict(wire.get("data", {}))
    if wire["status"] in _REPEATED:
        data.setdefault("retry_after", _RETRY_AFTER)
    en, zh = wire["en"], wire["zh"]
    if is_read and wire["code"] in _READ_TEXTS:
        en, zh = (text.format_map(data) for text in _READ_TEXTS[wire["code"]])
    if language == "zh-CN":
        data |= wire.get("phrases", {})
    if "fields" in data:
        data["fields"] = [{**field, "reason": _localised(field["reason"], language)} for field in data["fields"]]
    standard = {
        "type": TYPE_PREFIX + wire["code"],
        "title": zh if language == "zh-CN" else en,
        "status": wire["status"],
        "code": wire["code"],
        "correlation_id": correlation_id,
    }
    return standard | {name: value for name, value in data.items() if name not in standard}


def _localised(reason: str | dict[str, str], language: str) -> str:
    """A service of an earlier version sends plain English."""
    return reason if isinstance(reason, str) else reason[language]


def response(problem: Problem, language: str, correlation_id: str, *, is_read: bool = False) -> Response:
    """Renders the problem as an HTTP response with its headers: `Retry-After`, `Allow` or `WWW-Authenticate`."""
    content = body(problem, language, correlation_id, is_read=is_read)
    headers = {"Content-Language": language, "Vary": "Accept-Language"}
    if "retry_after" in content:
        headers["Retry-After"] = str(content["retry_after"])
    if content["status"] == 405:
        headers["Allow"] = ", ".join(content["allowed"])
    if content["status"] == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="linli"'
    return Response(msgspec.json.encode(content), content["status"], headers, MEDIA_TYPE)
