"""Routes of comments on a case. Its photos have their own: `gateway.photos`."""

from __future__ import annotations

from chassis.types import Record
from gateway.api.table import RouteBuilder
from services.cases.api import evidence as api
from vocabulary.roles import Permission

cases = RouteBuilder("cases", Record, tag="comments")

_COMMENTS = "/v1/cases/{case}/comments"

OPERATIONS = [
    cases.creates(_COMMENTS, "comment", "Comment on a case", Permission.COMMENT, api.Comment),
    cases.lists(_COMMENTS, "list_comments", "List the comments on a case", Permission.READ_COMMENTS, api.ListedComment),
]
