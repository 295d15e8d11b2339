"""What becomes of a message that no engine reads; kept with the message, so that staff can see what was made of it."""

from __future__ import annotations

from enum import StrEnum


class Taken(StrEnum):
    """How the rules that come before the engine took a message."""

    REPEATED = "repeated"
    CROSSED = "crossed"
    SEVERAL_ANSWERS = "several_answers"
    LEFT_TO_STAFF = "left_to_staff"
    ANSWERS_OUR_TEXT = "answers_our_text"
    EMPTY_MESSAGE = "empty_message"
    PICTURE_RECEIVED = "picture_received"
    OTHER_LANGUAGE = "other_language"
