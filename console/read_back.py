"""What our messages read back to a family ("so you said ... right?"), and what became of it: confirmed, corrected, asked again.

An unclear answer to a milestone is read back by itself, a birth date with two readings is asked about by both, and all answers
together are read back at the end. The first thing that happens afterwards decides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from intake.rules.interview import SKIP, YES, Expects, Kind
from intake.rules.triage import AnswerValue
from intake.store.models import Answer

_LOST = "lost_skill"  # kept as "not yet", with the worry about what was lost


class ReadBackOf(StrEnum):
    """What was read back."""

    ANSWER = "answer"
    BIRTH = "birth"
    ALL_ANSWERS = "all_answers"


class Became(StrEnum):
    """What became of it."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    CORRECTED = "corrected"
    LEFT_OUT = "left_out"
    ASKED_AGAIN = "asked_again"


@dataclass(frozen=True)
class ReadBack:
    """One message of ours that read something back: of which ``item``, in which ``reading``, what it ``became``, and the
    ``answer`` that was kept then."""

    of: ReadBackOf
    item: str
    reading: str | None
    became: Became
    answer: Answer | None = None


@dataclass(frozen=True)
class Event:
    """Something that happened at the message ``seq``: a question was asked, or an answer was kept."""

    seq: int
    asked_in: UUID | None = None
    question: Expects | None = None
    answer: Answer | None = None


def read_backs(events: Sequence[Event]) -> Mapping[UUID, ReadBack]:
    """The read-backs among ``events`` (in order), by the message that asked."""
    found: dict[UUID, ReadBack] = {}
    for place, event in enumerate(events):
        what = None if event.question is None else _read_back_of(event.question)
        if what is not None and event.question is not None and event.asked_in is not None:
            became, answer = _became(what, event.question, events[place + 1:])
            found[event.asked_in] = ReadBack(what, event.question.item, event.question.reading, became, answer)
    return found


def _read_back_of(question: Expects) -> ReadBackOf | None:
    if question.reading is not None:
        return ReadBackOf.ANSWER
    if question.kind is Kind.BIRTH_DATE and "|" in (question.id or ""):
        return ReadBackOf.BIRTH
    return ReadBackOf.ALL_ANSWERS if question == Expects(Kind.CONFIRM_ANSWERS) else None


def _became(what: ReadBackOf, question: Expects, later: Sequence[Event]) -> tuple[Became, Answer | None]:
    for event in later:
        became = _of_all(event) if what is ReadBackOf.ALL_ANSWERS else _of_one(question, event)
        if became is not None:
            return became, event.answer
    return Became.OPEN, None


def _of_one(question: Expects, event: Event) -> Became | None:
    if event.answer is not None and event.answer.item == question.item:
        return _judged(question.reading, event.answer.value)
    asked = event.question
    if asked is None or asked.item != question.item or _read_back_of(asked) is not None:
        return None
    return Became.ASKED_AGAIN


def _judged(reading: str | None, value: str) -> Became:
    if value == SKIP and reading != SKIP:
        return Became.LEFT_OUT
    meant = AnswerValue.NOT_YET.value if reading == _LOST else reading
    return Became.CONFIRMED if meant in (None, value) else Became.CORRECTED


def _of_all(event: Event) -> Became | None:
    if event.answer is not None:
        if event.answer.item == Kind.CONFIRM_ANSWERS:
            return Became.CONFIRMED if event.answer.value == YES else Became.LEFT_OUT
        return Became.CORRECTED if event.answer.item not in set(Kind) else None  # a milestone
    asked = event.question
    is_change = asked is not None and (asked.kind is Kind.MILESTONE or asked == Expects(Kind.CONFIRM_ANSWERS, "which"))
    return Became.CORRECTED if is_change else None
