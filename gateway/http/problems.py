"""The gateway's own problems, and how any problem is shown: RFC 9457 in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from starlette.responses import Response

from chassis.errors import Expired, Problem, Unavailable

MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:linli:problem:"


class NoAnswer(Problem):
    """The service did not answer in time: whether it ran is not known. `service`: which."""

    status = 504
    code = "no_answer"
    en = "No answer came in time. Repeat the request with its idempotency key: it will not happen twice."
    zh = "等待响应超时。请用相同的幂等键重试,不会重复执行。"


class NoService(Unavailable):
    """Nobody takes requests for this service now."""

    code = "service_down"
    en = "This part of the service is not running; try again in {retry_after} s."
    zh = "该服务部分当前未运行,请在 {retry_after} 秒后重试。"


class Overloaded(Unavailable):
    """Too many calls wait already; another one would only wait until it expires."""

    code = "overloaded"
    en = "Too many requests wait; try again in {retry_after} s with the same key."
    zh = "等待处理的请求过多,请在 {retry_after} 秒后用相同的键重试。"


class TooManyRequests(Problem):
    """Over the rate limit. `retry_after`: seconds."""

    status = 429
    code = "rate_limited"
    en = "Too many requests; try again in {retry_after} s."
    zh = "请求过于频繁,请在 {retry_after} 秒后重试。"


class TooLarge(Problem):
    """`limit`: bytes that this route takes."""

    status = 413
    code = "too_large"
    en = "The request is larger than the {limit} bytes that this address takes."
    zh = "请求超过此地址允许的 {limit} 字节。"


class KeyMissing(Problem):
    status = 400
    code = "idempotency_key_missing"
    en = "Send an Idempotency-Key header (a new random value for each thing you create) and repeat."
    zh = "请附带 Idempotency-Key 请求头(每次新建使用新的随机值)后重试。"


class NoSuchRoute(Problem):
    status = 404
    code = "no_such_address"
    en = "This address does not exist; /v1/openapi.json lists those that do."
    zh = "地址不存在;全部地址见 /v1/openapi.json。"


class MethodNotAllowed(Problem):
    """`allowed`: the methods that the address takes."""

    status = 405
    code = "method_not_allowed"
    en = "This address does not take {method}, but {allowed}."
    zh = "此地址不支持 {method} 方法,可用 {allowed}。"


class BadRequest(Problem):
    """A request that cannot be read at all. `reason`: what is wrong with it."""

    status = 400
    code = "bad_request"
    en = "The request cannot be read: {reason}."
    zh = "无法读取该请求:{reason}。"
    chinese = {
        "reason": {
            "the body is empty": "请求体为空",
            "the Idempotency-Key is not 1 to 128 visible ASCII characters": "Idempotency-Key 须为 1-128 个可见字符",
            "without a sign-in the Linli-Tenant header must name the city": "未登录时须以 Linli-Tenant 请求头指明城市",
            'If-Match is not an ETag of ours, like "7"': 'If-Match 不是本服务给出的 ETag(形如 "7")',
            "Last-Event-ID is not a number that a stream of ours gave": "Last-Event-ID 不是本服务事件流给出的编号",
        }
    }


class UnsupportedMedia(Problem):
    """`taken`: the media type that the address takes."""

    status = 415
    code = "unsupported_media"
    en = "This address takes {taken}; send that, with its Content-Type."
    zh = "此地址只接受 {taken},请使用相应的 Content-Type。"


#: What is told to who only reads: a GET has no key, changes nothing, and is repeated as it is. English and Chinese.
_TO_READERS: Mapping[str, tuple[str, str]] = {
    NoAnswer.code: ("No answer came in time; repeat the request.", "等待响应超时,请重试。"),
    Expired.code: ("The request waited too long; repeat it.", "请求等待超时,请重试。"),
    Overloaded.code: (
        "Too many requests wait; try again in {retry_after} s.",
        "等待处理的请求过多,请在 {retry_after} 秒后重试。",
    ),
    Unavailable.code: (
        "A part of the service is not reachable; try again in {retry_after} s.",
        "服务暂时不可用,请在 {retry_after} 秒后重试。",
    ),
    Problem.code: ("Something went wrong on our side; repeat the request.", "服务内部出错,请重试。"),
}


def language(accept: str) -> str:
    """`zh-CN` or `en`, whichever the Accept-Language header ranks higher; Chinese when it names neither."""
    best, best_weight = "zh-CN", 0.0
    for part in accept.split(","):
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


def body(problem: Problem, tongue: str, correlation_id: str, *, reading: bool = False) -> dict[str, Any]:
    """The members of RFC 9457, with `code`, the problem's data and the request's id beside them."""
    wire = problem.to_wire()
    data = dict(wire.get("data", {}))
    en, zh = wire["en"], wire["zh"]
    if reading and wire["code"] in _TO_READERS:
        en, zh = (sentence.format_map(data) for sentence in _TO_READERS[wire["code"]])
    if tongue == "zh-CN":
        data |= wire.get("phrases", {})
    if "fields" in data:
        data["fields"] = [{**field, "reason": _told(field["reason"], tongue)} for field in data["fields"]]
    standard = {
        "type": TYPE_PREFIX + wire["code"],
        "title": zh if tongue == "zh-CN" else en,
        "status": wire["status"],
        "code": wire["code"],
        "correlation_id": correlation_id,
    }
    return standard | {name: value for name, value in data.items() if name not in standard}


def _told(reason: str | dict[str, str], tongue: str) -> str:
    """A service of an earlier version tells it in English alone."""
    return reason if isinstance(reason, str) else reason[tongue]


def response(problem: Problem, tongue: str, correlation_id: str, *, reading: bool = False) -> Response:
    """The problem as an HTTP response; with `Retry-After` where it says when, `Allow` and 401 with its challenge."""
    content = body(problem, tongue, correlation_id, reading=reading)
    headers = {"Content-Language": tongue, "Vary": "Accept-Language"}
    if "retry_after" in content:
        headers["Retry-After"] = str(content["retry_after"])
    if content["status"] == 405:
        headers["Allow"] = ", ".join(content["allowed"])
    if content["status"] == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="linli"'
    return Response(msgspec.json.encode(content), content["status"], headers, MEDIA_TYPE)
