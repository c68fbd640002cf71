"""Base of the use cases of submissions: their answers, sealed as one text."""

from __future__ import annotations

import msgspec

from chassis.context import Context
from services.residents.submissions.answers import Values
from services.residents.submissions.model import Submission
from services.residents.tasks.answers import AnswerCommands

_FIELD = "submission.values"


class SealedSubmissions(AnswerCommands):
    def _sealed(self, context: Context, given: Values) -> str:
        return self._seal(context, msgspec.json.encode(given).decode(), _FIELD)

    def _given_in(self, context: Context, submission: Submission) -> Values:
        """Returns the answers by field; none once it is over."""
        given: Values = msgspec.json.decode(self._opened(context, submission.values, _FIELD) or "{}")
        return given
