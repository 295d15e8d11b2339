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


# After one of these nobody waits for the promised call any more; "call back later" promises another.
KEEPS_A_PROMISE = (CallOutcome.REACHED, CallOutcome.LEFT_MESSAGE, CallOutcome.WRONG_NUMBER, CallOutcome.CALL_BACK_LATER)
