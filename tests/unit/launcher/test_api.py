"""HTTP client of the launcher: what it sends with each call."""

from __future__ import annotations

import urllib.request
from typing import Any

import pytest

from launcher.api import Api, NotAnswering


def test_a_token_that_is_a_function_is_made_anew_for_each_call(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[Any] = []

    def answer(request: urllib.request.Request, timeout: float) -> Any:
        sent.append(request.get_header("Authorization"))
        raise ConnectionError

    monkeypatch.setattr(urllib.request, "urlopen", answer)
    tokens = iter(["first", "second"])
    api = Api("http://linli.example", lambda: next(tokens)).in_language("zh-CN")
    for _ in range(2):
        with pytest.raises(NotAnswering):
            api.get("/v1/tenant")
    assert sent == ["Bearer first", "Bearer second"]
