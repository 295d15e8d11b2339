"""Texts that cross in the air: an answer that was written before its reader could see the question now open.

"yes" sent twice, or "well, sometimes" sent a second after "yes", arrives when the next question is already open. It must
never answer a question nobody has read: it is bound to the question it answers, or it is asked about.
"""

from __future__ import annotations

from enum import StrEnum

from intake.rules.interview import Expects, Kind
from intake.rules.words import words_of

# A longer text says of itself what it is about; a shorter one ("yes", "not yet", "I think so") leans on the question.
BARE_WORDS = 3
# Questions whose answer may be told a second time without harm: the later one replaces the earlier, which is kept.
MAY_BE_ANSWERED_AGAIN = frozenset({Kind.MILESTONE, Kind.LOST_SKILLS, Kind.EARLY_BIRTH})
# A number that comes too early for these can hardly be anything but their answer.
ASKS_FOR_A_NUMBER = frozenset({Kind.BIRTH_DATE, Kind.PHONE})


class Crossing(StrEnum):
    """What becomes of a crossing text."""

    GOES_ON = "goes_on"
    REPEATED = "repeated"
    PREVIOUS = "previous"
    ASKED_ABOUT = "asked_about"
    ONE_OF_SEVERAL = "one_of_several"


def judge(text: str, said_before: str | None, previous: Expects | None, now: Expects, *, asked_which: bool = False) -> Crossing:
    """What to do with ``text``, written when ``previous`` was the question last seen and ``now`` was not seen yet.

    ``said_before`` is the text that was taken as the answer to ``previous``. GOES_ON: read it as any other text.
    REPEATED: it only says the same again. PREVIOUS: it is about ``previous``. ASKED_ABOUT: say so and ask ``now`` again.
    ONE_OF_SEVERAL: one more of the answers that differ, when we have just ``asked_which`` of them holds.
    """
    if previous == now and asked_which and is_bare(text):
        return Crossing.ONE_OF_SEVERAL
    if previous == now or now.kind is Kind.FREE:
        return Crossing.GOES_ON
    if said_before is not None and _same(text, said_before):
        return Crossing.REPEATED
    if previous is not None and previous.kind in MAY_BE_ANSWERED_AGAIN:
        return Crossing.PREVIOUS
    if not is_bare(text) or (now.kind in ASKS_FOR_A_NUMBER and any(char.isdigit() for char in text)):
        return Crossing.GOES_ON
    return Crossing.ASKED_ABOUT


def is_bare(text: str) -> bool:
    """Whether ``text`` is so short that only the question gives it a meaning; an emoji alone is."""
    return len(words_of(text)) <= BARE_WORDS


def _same(one: str, other: str) -> bool:
    return (words_of(one) or one.strip()) == (words_of(other) or other.strip())
