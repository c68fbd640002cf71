"""Errors that a caller can act on: each carries a stable code, its data, and its words in both languages.

A rule raises the subclass it owns; the gateway renders any of them as an RFC 9457 problem.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, TypeAlias

Fault: TypeAlias = tuple[str, str, str]
"""A field of the input by its path (`place.path`), and what is wrong with it: in English, in Chinese."""


class Problem(Exception):
    """Base of every error that crosses a process boundary.

    Subclasses set `status` (HTTP), `code` (stable, dotted) and one sentence in each language, whose
    `{placeholders}` are filled from the keyword data and which tells the reader what to do. Where data are codes
    or phrases of ours, `chinese` has a table for the placeholder, so that no English word stands in a Chinese sentence.
    """

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal"
    en: ClassVar[str] = "Something went wrong on our side; repeat the request with its idempotency key."
    zh: ClassVar[str] = "服务内部出错,请用相同的幂等键重试。"
    chinese: ClassVar[Mapping[str, Mapping[str, str]]] = {}

    def __init__(self, **data: Any) -> None:
        self.data = data
        super().__init__(f"{self.code}: {self.text('en')}")

    def text(self, language: str) -> str:
        sentence, comma, tables = (self.zh, "、", self.chinese) if language == "zh-CN" else (self.en, ", ", {})
        shown = {}
        for name, value in self.data.items():
            words = [str(word) for word in value] if isinstance(value, list) else [str(value)]
            shown[name] = comma.join(tables.get(name, {}).get(word, word) for word in words)
        return sentence.format_map(_Shown(shown))

    def in_short(self) -> dict[str, str]:
        """One line in each language (`en`, `zh-CN`), for a report in which it is one of many."""
        return {language: self.text(language) for language in ("en", "zh-CN")}

    def to_wire(self) -> dict[str, Any]:
        """`{code, status, data, en, zh, phrases}`: all that another process needs to answer the caller."""
        return {
            "code": self.code,
            "status": self.status,
            "data": self.data,
            "en": self.text("en"),
            "zh": self.text("zh-CN"),
            "phrases": self._phrases(),
        }

    def _phrases(self) -> dict[str, str]:
        """The Chinese of data that are words for a reader, such as `the answer`, and no codes for programs."""
        told = {name: value for name, value in self.data.items() if isinstance(value, str) and " " in value}
        return {name: self.chinese[name][value] for name, value in told.items() if value in self.chinese.get(name, {})}


class _Shown(dict[str, Any]):
    """A message with a missing placeholder must not hide the error that it describes."""

    def __missing__(self, key: str) -> str:
        return "?"


class Invalid(Problem):
    """Input that breaks its schema or a rule about its values. `fields`: list of `{field, reason: {en, zh-CN}}`."""

    status = 422
    code = "invalid"
    en = "The request has fields that are not valid; see `fields`."
    zh = "请求中有无效字段,详见 fields。"

    def __init__(self, *faults: Fault, **data: Any) -> None:
        self.faults = faults
        super().__init__(fields=[{"field": name, "reason": {"en": en, "zh-CN": zh}} for name, en, zh in faults], **data)

    def in_short(self) -> dict[str, str]:
        fields = self.data["fields"]
        return {
            "en": "; ".join(f"{fault['field']}: {fault['reason']['en']}" for fault in fields),
            "zh-CN": ";".join(f"{fault['field']}:{fault['reason']['zh-CN']}" for fault in fields),
        }


def one_of(field: str, allowed: Iterable[str]) -> Fault:
    """The field takes one of a few codes."""
    codes = list(allowed)
    if len(codes) == 1:
        return field, f"it can only be {codes[0]}", f"只能为 {codes[0]}"
    return field, f"one of {', '.join(codes)}", f"须为 {'、'.join(codes)} 之一"


class Refused(Problem):
    """The rules do not allow this step now. Subclass it where the rule lives."""

    status = 409
    code = "refused"
    en = "This step is not possible now: {reason}."
    zh = "当前不能执行此步骤:{reason}。"


class Taken(Refused):
    """The key that it would have by nature (a code, a name for the address) belongs to something else."""

    code = "taken"
    en = "{key} exists already; choose another key, or change what is there."
    zh = "{key} 已存在,请换用其他编号,或修改已有的记录。"


class Forbidden(Problem):
    """The caller may not do this: wrong role, or their own work."""

    status = 403
    code = "forbidden"
    en = "You may not do this: {reason}."
    zh = "您无权执行此操作:{reason}。"


class NotFound(Problem):
    """No such thing for this caller: unknown, another tenant's and out of one's area look the same."""

    status = 404
    code = "not_found"
    en = "There is nothing here for you under this address."
    zh = "没有找到您可以查看的内容。"


class Unauthenticated(Problem):
    status = 401
    code = "unauthenticated"
    en = "Sign in again: the credentials are missing, expired or not ours."
    zh = "请重新登录:凭证缺失、过期或无效。"


class Stale(Problem):
    """Somebody else changed it first (`If-Match` or a lost race). `version`: the current one, where known."""

    status = 412
    code = "stale"
    en = "It was changed by someone else meanwhile; read it again and decide anew."
    zh = "内容已被他人修改,请重新读取后再操作。"


class KeyReused(Problem):
    status = 422
    code = "idempotency_key_reused"
    en = "This Idempotency-Key was used for a different request; use a new key."
    zh = "该幂等键已用于另一请求,请换用新键。"


class Oversized(Problem):
    """An aggregate over its size, or with an outbox that does not drain."""

    status = 409
    code = "oversized"
    en = "This record cannot take more changes now ({reason}); tell the operator."
    zh = "该记录暂不能再变更({reason}),请联系运维人员。"
    chinese = {
        "reason": {
            "its events do not reach the broker": "其事件无法送达消息服务器",
            "it has grown over 256 kB": "已超过 256 kB",
        }
    }


class Unavailable(Problem):
    """A part is not reachable, or a copy has not arrived yet. `retry_after`: seconds."""

    status = 503
    code = "unavailable"
    en = "A part of the service is not reachable; try again in {retry_after} s with the same key."
    zh = "服务暂时不可用,请在 {retry_after} 秒后用相同的键重试。"

    def __init__(self, *, retry_after: int = 2, **data: Any) -> None:
        super().__init__(retry_after=retry_after, **data)


class Expired(Problem):
    """The call's deadline passed before it ran; it was not run."""

    status = 504
    code = "deadline_expired"
    en = "The request waited too long and was not run; repeat it with its idempotency key."
    zh = "请求等待超时且未执行,请用相同的幂等键重试。"


class RemoteProblem(Problem):
    """A problem that another process answered with, kept as it came."""

    def __init__(self, wire: dict[str, Any]) -> None:
        self.wire = wire
        Exception.__init__(self, f"{wire['code']}: {wire['en']}")

    def to_wire(self) -> dict[str, Any]:
        return self.wire
