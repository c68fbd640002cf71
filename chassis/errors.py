"""Typed errors that a caller can act on: each has a stable code, its data, and a message in English and Chinese.

A rule raises its own subclass; the gateway renders every `Problem` as RFC 9457 problem details.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, TypeAlias

from chassis.sentences import CHINESE, LANGUAGES, Sentence, Words, plain, said, say

Fault: TypeAlias = tuple[str, str, str]
"""The path of an input field (`place.path`), and what is wrong with it in English and in Chinese."""


class Problem(Exception):
    """Base of every error that crosses a process boundary.

    Subclasses set `status` (HTTP), `code` (stable, dotted) and a message in each language that says what to do;
    the keyword data fill its placeholders, whose kinds say how they are read (`chassis.sentences`): `{lead:unit}`.
    If a placeholder takes a code of a closed vocabulary or an English phrase, `chinese` has a table that translates
    it. The English message says such a code in plain words, `AWAITING_RATING` as "awaiting rating", unless `english`
    has other ones for it. Data keep the codes.
    """

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal"
    en: ClassVar[str] = "An internal error occurred; repeat the request with the same idempotency key."
    zh: ClassVar[str] = "服务内部出错，请使用相同的幂等键重试。"
    chinese: ClassVar[Mapping[str, Mapping[str, str]]] = {}
    english: ClassVar[Mapping[str, Mapping[str, str]]] = {}

    def __init_subclass__(cls) -> None:
        cls.english = {
            name: {code: plain(code) for code in table} | dict(cls.english.get(name, {}))
            for name, table in cls.chinese.items()
        }

    def __init__(self, **data: Any) -> None:
        self.data = data
        super().__init__(f"{self.code}: {self.text('en')}")

    def text(self, language: str, words: Words | None = None) -> str:
        """Returns the message in `zh-CN`, or in English for any other language; `words` say names and local times."""
        sentence, tables = (self.zh, self.chinese) if language == CHINESE else (self.en, self.english)
        return say(sentence, self.data, language, words, tables)

    def in_short(self, words: Words | None = None) -> dict[str, str]:
        """Returns one line in each language (`en`, `zh-CN`), for reports that list many problems."""
        return {language: self.text(language, words) for language in LANGUAGES}

    def to_wire(self, words: Words | None = None) -> dict[str, Any]:
        """Returns `{code, status, data, en, zh, phrases}`: everything another process needs to answer the caller."""
        return {
            "code": self.code,
            "status": self.status,
            "data": self.data,
            "en": self.text("en", words),
            "zh": self.text(CHINESE, words),
            "phrases": self._phrases(),
        }

    def _phrases(self) -> dict[str, str]:
        """Translates data that are phrases for a reader, such as `the answer`, and not codes for programs."""
        phrases = {name: value for name, value in self.data.items() if isinstance(value, str) and " " in value}
        return {name: self.chinese[name][en] for name, en in phrases.items() if en in self.chinese.get(name, {})}


class Invalid(Problem):
    """Validation error: the input violates its schema or a rule. `fields`: list of `{field, reason: {en, zh-CN}}`."""

    status = 422
    code = "invalid"
    en = "The request has invalid fields; see `fields`."
    zh = "请求中有无效字段，详见 fields。"

    def __init__(self, *faults: Fault, **data: Any) -> None:
        self.faults = faults
        super().__init__(fields=self._fields(), **data)

    def _fields(self, words: Words | None = None) -> list[dict[str, Any]]:
        return [
            {"field": name, "reason": {"en": said(en, words), CHINESE: said(zh, words)}} for name, en, zh in self.faults
        ]

    def to_wire(self, words: Words | None = None) -> dict[str, Any]:
        return super().to_wire(words) | {"data": self.data | {"fields": self._fields(words)}}

    def in_short(self, words: Words | None = None) -> dict[str, str]:
        fields = self._fields(words)
        return {
            "en": "; ".join(f"{fault['field']}: {fault['reason']['en']}" for fault in fields),
            CHINESE: "；".join(f"{fault['field']}：{fault['reason'][CHINESE]}" for fault in fields),
        }


def spoken_fault(field: str, en: str, zh: str, /, **values: Any) -> Fault:
    """Returns a fault whose texts have placeholders, as those of a `Problem`."""
    return field, Sentence(en, values, "en"), Sentence(zh, values, CHINESE)


def one_of(field: str, allowed: Iterable[str]) -> Fault:
    """Returns the fault of a field that must be one of the `allowed` codes."""
    codes = list(allowed)
    if len(codes) == 1:
        return field, f"it must be {codes[0]}", f"须为 {codes[0]}"
    return field, f"it must be one of {', '.join(codes)}", f"须为 {'、'.join(codes)} 之一"


class Refused(Problem):
    """Conflict: a rule does not allow this step in the current state. Each rule raises its own subclass."""

    status = 409
    code = "refused"
    en = "This step is not allowed now: {reason}."
    zh = "当前不能执行此步骤：{reason}。"


class Taken(Refused):
    """Conflict: another record already has this natural key (a code, a name in a URL)."""

    code = "taken"
    en = "{key:verbatim} already exists; choose another key or change the existing record."
    zh = "{key:verbatim}已存在，请换用其他编号，或修改已有记录。"


class Forbidden(Problem):
    """The caller may not do this: they lack the role, or it concerns their own work."""

    status = 403
    code = "forbidden"
    en = "You may not do this: {reason}."
    zh = "您无权执行此操作：{reason}。"


class NotFound(Problem):
    """Not found for this caller. Unknown ids, other tenants' ids and ids outside the caller's area look the same."""

    status = 404
    code = "not_found"
    en = "Nothing was found at this address that you may see."
    zh = "未找到该内容，或您无权查看。"


class Unauthenticated(Problem):
    """The caller has no valid credentials."""

    status = 401
    code = "unauthenticated"
    en = "Sign in again: the credentials are missing, expired or invalid."
    zh = "请重新登录：登录凭证缺失、已过期或无效。"


class Stale(Problem):
    """Optimistic lock failure: another write came first, or `If-Match` names an old version.

    `version`: the current version, if known.
    """

    status = 412
    code = "stale"
    en = "Someone else has changed this record; read it again, then decide."
    zh = "该记录已被他人修改，请重新读取后再操作。"


class VersionMissing(Problem):
    """The change needs `If-Match`, so that it cannot undo one that the caller has not seen."""

    status = 428
    code = "version_missing"
    en = "Send If-Match with the ETag that you last read, so that nobody else's change is lost."
    zh = "请以 If-Match 请求头提交最近读取的 ETag，以免覆盖他人的修改。"


class KeyReused(Problem):
    """The idempotency key belongs to a different request."""

    status = 422
    code = "idempotency_key_reused"
    en = "This Idempotency-Key was used for a different request; use a new key."
    zh = "该幂等键已用于其他请求，请换用新的幂等键。"


class Oversized(Problem):
    """An aggregate exceeds its maximum size, or its outbox does not drain."""

    status = 409
    code = "oversized"
    en = "This record cannot be changed now ({reason}); contact the operator."
    zh = "该记录暂时无法变更（{reason}），请联系运维人员。"
    chinese = {
        "reason": {
            "its events do not reach the broker": "其事件无法送达消息服务器",
            "it is larger than 256 kB": "已超过 256 kB",
        }
    }


class Unavailable(Problem):
    """A dependency is unreachable, or a replica has not arrived yet. `retry_after`: seconds."""

    status = 503
    code = "unavailable"
    en = "The service is temporarily unavailable; try again in {retry_after} s with the same idempotency key."
    zh = "服务暂时不可用，请在 {retry_after} 秒后使用相同的幂等键重试。"

    def __init__(self, *, retry_after: int = 2, **data: Any) -> None:
        super().__init__(retry_after=retry_after, **data)


class Overloaded(Unavailable):
    """Load shedding: too many calls are in flight, so another would only expire. It was not run."""

    code = "overloaded"
    en = "Too many requests are waiting; try again in {retry_after} s with the same key."
    zh = "等待处理的请求过多，请在 {retry_after} 秒后用相同的幂等键重试。"


class Expired(Problem):
    """The call was not run because its deadline passed first."""

    status = 504
    code = "deadline_expired"
    en = "The request waited too long and was not run; repeat it with the same idempotency key."
    zh = "请求等待超时，未执行，请使用相同的幂等键重试。"


class UnreadableRequest(Problem):
    """A message of requests that the service cannot read: it answers once, with the id of the message, for all."""

    status = 400
    code = "unreadable_request"
    en = "The service cannot read the request; it may be nested too deeply: send a simpler one."
    zh = "服务无法读取该请求，可能嵌套层数过多；请简化后重新提交。"


class RemoteProblem(Problem):
    """A problem received from another process, passed on unchanged."""

    def __init__(self, wire: dict[str, Any]) -> None:
        self.wire = wire
        Exception.__init__(self, f"{wire['code']}: {wire['en']}")

    def to_wire(self, words: Words | None = None) -> dict[str, Any]:
        return self.wire
