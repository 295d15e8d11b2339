"""Who writes too much to be a parent: another robot that answers ours, or a flood of texts from one phone.

Both are silenced, never lost: every text is kept for staff, and danger in it is still heeded. A parent who answers "todavía no
lo hace" to five questions in a row is no robot: what moves the conversation on is judged by its pace and length only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from difflib import SequenceMatcher

from intake.rules.words import words_of

WINDOW = timedelta(minutes=5)
ALIKE = 0.9
# "I'm driving and will answer later" is longer than an answer to a question.
LEAST_WORDS = 4
TIMES_AT_ONE_QUESTION = 3
LEAST_WORDS_ANYWHERE = 6
TIMES_ANYWHERE = 6

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Heard:
    """One inbound text: its words, when it came, and which question was open then (None when it was not looked at)."""

    text: str
    at: datetime
    question: str | None


def is_a_robot(texts: Sequence[Heard]) -> bool:
    """Whether ``texts`` (newest first, the one in hand at the front) are another robot's automatic replies (case W16).

    Three nearly the same within five minutes that lead nowhere (the same question stays open), or six long ones at any.
    """
    if not texts or len(words_of(texts[0].text)) < LEAST_WORDS:
        return False
    alike = _alike_in_a_row(texts)
    at_one_question = [heard for heard in alike if heard.question in (None, texts[0].question)]
    if len(at_one_question) >= TIMES_AT_ONE_QUESTION and at_one_question == alike[:len(at_one_question)]:
        return True
    return len(alike) >= TIMES_ANYWHERE and len(words_of(texts[0].text)) >= LEAST_WORDS_ANYWHERE


def _alike_in_a_row(texts: Sequence[Heard]) -> list[Heard]:
    newest = texts[0]
    row: list[Heard] = []
    for heard in texts:
        if newest.at - heard.at > WINDOW or not _are_alike(newest.text, heard.text):
            break
        row.append(heard)
    return row


def _are_alike(one: str, other: str) -> bool:
    words, others = words_of(one), words_of(other)
    return words == others or SequenceMatcher(None, words, others, autojunk=False).ratio() >= ALIKE


def is_a_flood(now: datetime, so_many_before: datetime | None) -> bool:
    """Whether the text that came at ``now`` is one too many: ``so_many_before`` is when the one came that lies as many texts
    back as one minute may bring (None when there were fewer) (case W28)."""
    return so_many_before is not None and now - so_many_before < MINUTE
