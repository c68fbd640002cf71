"""Knowledge base aggregate of the hotline: articles with a token index, without a search engine."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from mongoengine import DateTimeField, IntField, ListField, StringField

from chassis.envelope import NOBODY
from chassis.errors import Refused
from chassis.security.principal import Principal
from chassis.usecases.visibility import Visible
from services.cases.case.model.permissions import require_permission
from services.cases.hotline import events
from vocabulary.rights import may
from vocabulary.roles import Permission

MOST_TOKENS = 400
_WORD = re.compile(r"[a-z0-9]+|[\u4e00-\u9fff]+")


def tokens(text: str) -> list[str]:
    """Returns the index tokens of a text, without repeats: words of letters, and bigrams of Chinese characters.

    Bigrams replace a dictionary: 路灯不亮 gives 路灯, 灯不, 不亮; a single character is its own token.
    """
    found: dict[str, None] = {}
    for run in _WORD.findall(unicodedata.normalize("NFKC", text).casefold()):
        if run[0].isascii() or len(run) == 1:
            found[run] = None
        else:
            found |= dict.fromkeys(run[at : at + 2] for at in range(len(run) - 1))
    return list(found)[:MOST_TOKENS]


class ArticleState(StrEnum):
    DRAFT = "DRAFT"
    PUBLISHED = "PUBLISHED"
    RETIRED = "RETIRED"


class ArticleClosed(Refused):
    code = "article.retired"
    en = "The article is retired. Write a new one."
    zh = "该知识条目已停用，请新建条目。"


class Article(Visible):
    """Aggregate: a question and its answer. It contains no personal data, so it is not sealed."""

    meta: ClassVar[dict[str, Any]] = {"collection": "articles"}
    indexes: ClassVar[list[tuple[str, ...]]] = [("tokens", "state"), ("category", "state")]
    visible_to = NOBODY

    title: str = StringField(required=True)
    answer: str = StringField(required=True)
    category: str = StringField(default="")
    state: str = StringField(default=ArticleState.DRAFT)
    edition: int = IntField(default=0)
    edited_at: datetime = DateTimeField(required=True)
    tokens: list[str] = ListField(StringField())

    @classmethod
    def draft(cls, key: str, by: Principal, title: str, answer: str, category: str, now: datetime) -> Article:
        require_permission(by, Permission.EDIT_KNOWLEDGE)
        article = cls(id=cls.identity(by.tenant, key), tenant=by.tenant)
        article._set(title, answer, category, now)
        return article

    def edit(self, by: Principal, title: str, answer: str, category: str, now: datetime) -> None:
        """Edits the article; a published one stays published, as a new edition."""
        self._require_editor(by)
        self._set(title, answer, category, now)
        if self.state == ArticleState.PUBLISHED:
            self._publish()

    def publish(self, by: Principal) -> None:
        self._require_editor(by)
        self._publish()

    def retire(self, by: Principal) -> None:
        self._require_editor(by)
        self.state = ArticleState.RETIRED
        self.emit(events.ArticleRetired())

    def seen_by(self, by: Principal) -> bool:
        """A published article is for everyone, a draft for those who edit."""
        return self.state == ArticleState.PUBLISHED or may(by, Permission.EDIT_KNOWLEDGE)

    def _publish(self) -> None:
        self.state = ArticleState.PUBLISHED
        self.edition += 1
        self.emit(events.ArticlePublished(edition=self.edition, category=self.category))

    def _set(self, title: str, answer: str, category: str, now: datetime) -> None:
        self.title, self.answer, self.category, self.edited_at = title, answer, category, now
        self.tokens = tokens(f"{title} {answer}")

    def _require_editor(self, by: Principal) -> None:
        require_permission(by, Permission.EDIT_KNOWLEDGE)
        if self.state == ArticleState.RETIRED:
            raise ArticleClosed()


def best(rows: list[dict[str, Any]], query: str, limit: int = 10) -> list[dict[str, Any]]:
    """Ranks rows (`key`, `title`, `tokens`, …) by shared tokens; a hit in the title counts twice."""
    asked = set(tokens(query))

    def weight(row: dict[str, Any]) -> tuple[int, str]:
        return -len(asked & set(row["tokens"])) - len(asked & set(tokens(row["title"]))), row["key"]

    return sorted((row for row in rows if asked & set(row["tokens"])), key=weight)[:limit]
