"""What a call of staff can come to, and to whom it goes."""

from __future__ import annotations

from enum import StrEnum


class CallTo(StrEnum):
    """Who was called."""

    FAMILY = "family"
    PROGRAM = "program"


class CallOutcome(StrEnum):
    """What a call came to."""

    REACHED = "reached"
    LEFT_MESSAGE = "left_message"
    NO_ANSWER = "no_answer"
    WRONG_NUMBER = "wrong_number"
    CALL_BACK_LATER = "call_back_later"
