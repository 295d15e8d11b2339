"""Whether the person who writes may be another than the one who wrote before: by how long nobody wrote, and who spoke last.

A phone number is no proof of who holds it.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from intake.rules.words import words_of

# "Who is this?" within a talk is a parent's question about us; after half an hour of silence it may be a stranger's.
OUT_OF_THE_BLUE = timedelta(minutes=30)
# A number is given to somebody else at the earliest 45 days after it was given up
# (47 CFR 52.15(f)(1)(ii), https://regulations.justia.com/regulations/fedreg/2019/03/26/2019-05620.html).
MAY_BE_REASSIGNED = timedelta(days=45)
ASKED_ONCE_IN = timedelta(days=30)
ANSWER_WITHIN = timedelta(hours=24)  # a yes to our question later than that may be a yes to anything
MOST_ASKED_A_DAY = 3  # phones that one chat may have asked
LONGEST_PLAIN_ANSWER = 4  # words: "yes it is me"


def is_out_of_the_blue(now: datetime, wrote_before: datetime | None, *, we_spoke_first: bool) -> bool:
    """Whether nobody was just writing with us at ``now``: a silence since ``wrote_before``, or a text that we started."""
    return we_spoke_first or wrote_before is None or now - wrote_before > OUT_OF_THE_BLUE


def may_be_reassigned(now: datetime, wrote_before: datetime | None) -> bool:
    """Whether the phone was silent for so long before ``now`` that it may be somebody else's (case W29)."""
    return wrote_before is not None and now - wrote_before > MAY_BE_REASSIGNED


def may_be_asked(now: datetime, *, stopped: bool, refused: bool, asked_at: datetime | None, wrote_at: datetime | None) -> bool:
    """Whether a phone that somebody typed into a web chat may get our one question (case C14).

    Not when it is ``stopped``, when its last word on texts was a no, when it was asked within thirty days, or while somebody
    was writing with us on it.
    """
    lately = asked_at is not None and now - asked_at < ASKED_ONCE_IN
    writing = wrote_at is not None and now - wrote_at < OUT_OF_THE_BLUE
    return not (stopped or refused or lately or writing)


def says_only(text: str, picked: str | None, answer: str) -> bool:
    """Whether ``text``, of whose ready answers ``picked`` was read, says nothing but ``answer`` (yes, no)."""
    return picked == answer and len(words_of(text)) <= LONGEST_PLAIN_ANSWER
