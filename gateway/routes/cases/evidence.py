"""Comments on a case; its photos go by `gateway.photos`."""

from __future__ import annotations

from gateway.api.table import Service
from services.cases.api import evidence as api

cases = Service("cases")

SEES = "whoever sees it"
_COMMENTS = "/v1/cases/{case}/comments"

OPERATIONS = [
    cases.creates(_COMMENTS, "comment", "Comment on a case", SEES, api.Comment),
    cases.lists(_COMMENTS, "list_comments", "Comments on a case", SEES, api.ListedComment),
]
