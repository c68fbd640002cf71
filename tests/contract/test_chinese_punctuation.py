"""Chinese texts have Chinese punctuation (GB/T 15834): no half-width mark beside a Chinese character, and “ ”."""

from __future__ import annotations

import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("chassis", "gateway", "launcher", "services", "vocabulary")
# A blank after the mark is English that lists Chinese names: "网格, 社区".
HALF_WIDTH = re.compile(r"[\u4e00-\u9fff][,;:!?][^\s\"']|[^\s\"'][,;:!?][\u4e00-\u9fff“]|[\u4e00-\u9fff”]\([^)]*\)")
#: The quotes of vertical and of traditional texts.
OTHER_QUOTES = re.compile("[\u300c-\u300f]")


def texts() -> Iterator[tuple[str, str]]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            with path.open("rb") as source:
                for token in tokenize.tokenize(source.readline):
                    if token.type == tokenize.STRING and re.search(r"[\u4e00-\u9fff]", token.string):
                        yield f"{path.relative_to(ROOT)}:{token.start[0]}", re.sub(r"\{[^{}]*\}", "文", token.string)


def test_chinese_texts_have_full_width_punctuation() -> None:
    assert [where for where, text in texts() if HALF_WIDTH.search(text)] == []


def test_chinese_words_are_quoted_as_the_standard_says() -> None:
    said = [where for where, text in texts() if OTHER_QUOTES.search(text)]
    documents = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    assert said + [str(path) for path in documents if OTHER_QUOTES.search(path.read_text())] == []


def test_another_quote_is_found() -> None:
    assert OTHER_QUOTES.search("状态为\u300c文\u300d")


@pytest.mark.parametrize("text", ["请重试,或联系", "缺少:文", "网格(社区)", "文,请重试"])
def test_a_half_width_mark_is_found(text: str) -> None:
    assert HALF_WIDTH.search(text)
