"""How far a family is: which question of how many, and about how many minutes are left.

What is not known yet is expected rather than left out, so the number of questions never grows under a parent's eyes: the longest
list until the birth date is known, the questions about contact until a parent has said no to it. Only further programs that are
offered to those whom they fit (``routing.MOST_OFFERS``) add to it: few families hear of one, so nobody is told to expect them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from intake.rules.interview import CONTACT, OPTIONAL, Expects, Kind, Situation, is_somebody_else, questions

LONGEST_CHECKLIST = 17  # milestones of our longest list, so that the true one is never longer
SECONDS_A_QUESTION = 10  # our estimate of reading a question and tapping an answer


@dataclass(frozen=True)
class Progress:
    """The open question is ``number`` (from 1) of ``total``; about ``minutes`` are left, 1 at the least."""

    number: int
    total: int
    minutes: int


def progress(situation: Situation, now_open: Expects | None) -> Progress | None:
    """Where the family is at ``now_open``; None when nothing of the interview is open (greeting, end, refusal)."""
    items = [question.item for question in questions(situation)]
    if now_open is None or now_open.item not in items or now_open.kind is Kind.CONSENT:
        return None
    place = items.index(now_open.item)
    to_come = _not_known_yet(situation)
    left = sum(item not in situation.answers for item in items) + to_come
    return Progress(place + 1, len(items) + to_come, max(1, math.ceil(left * SECONDS_A_QUESTION / 60)))


def _not_known_yet(situation: Situation) -> int:
    """How many questions may still come up that the answers do not say anything about yet."""
    if is_somebody_else(situation.answers):
        return 0
    expected = 0
    if Kind.BIRTH_DATE not in situation.answers:
        expected += LONGEST_CHECKLIST + 2  # early birth, and the reading back
    if Kind.CONTACT_CONSENT not in situation.answers:
        expected += len(CONTACT + OPTIONAL)
    return expected
