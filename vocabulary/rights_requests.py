"""Requests by which people exercise rights to their own data (个人信息权利请求): how soon, and why one is refused."""

from __future__ import annotations

from typing import Annotated

import msgspec

from chassis.types import Form
from vocabulary.calendars import SpanText
from vocabulary.terms import Term


class RightsRequests(Form, frozen=True, kw_only=True):
    """`answer_within`: the time to decide, by the city's calendar; 15 working days is what China's practice expects."""

    answer_within: Annotated[SpanText, msgspec.Meta(description="From the request to the decision.")] = "15wd"


class RefusalReason(Term):
    """Why a request is refused; a note tells the person what that means for them."""

    NOT_PROVED = "not_proved", "what is asked for is not proved", "未能证明所主张的内容"
    RECORD_IS_RIGHT = "record_is_right", "the record agrees with the documents", "档案与证件材料一致"
    KEPT_BY_LAW = "kept_by_law", "a law requires the record as it is", "依法须保留原有记录"
    OTHER = "other", "for another reason", "其他原因"
