"""Answers that were not understood: how often in a row, and what then leads past the question (N29).

The same question must not go round for ever. The first time it is asked again in plainer words or with its numbers. The second
time the way past it and to a person is told; from the third time on, somebody of the team is to read what was written.
"""

from __future__ import annotations

from collections.abc import Collection

from intake.rules.interview import Expects, Kind

# Lines that ask for an answer once more, by name.
ASKS_ONCE_MORE = frozenset({
    "not_understood", "not_understood_milestone", "name_not_understood", "birth_not_understood", "phone_not_understood",
    "please_pick", "please_tell_me", "please_yes_or_no"})
PERSON_WILL_READ, SKIP_OR_CALL, CAN_CALL = "person_will_read", "skip_or_call", "can_call"
WAYS_PAST = frozenset({PERSON_WILL_READ, SKIP_OR_CALL, CAN_CALL})
PERSON_READS_FROM = 3  # misses in a row
# Consent and the end cannot be skipped; the birth date, asked again, says SKIP by itself.
_NO_WORD_OF_SKIP = (Kind.CONSENT, Kind.FREE, Kind.BIRTH_DATE)


def is_miss(said_before: Collection[str], answered: Expects | None, asked: Expects) -> bool:
    """Whether ``asked`` is the question that was ``answered``, open again without an answer; ``said_before`` are the names of
    the lines said before it. The birth date comes again without a word after a bare "no"."""
    if answered is None or answered.item != asked.item:
        return False
    names = set(said_before) - WAYS_PAST
    return bool(names & ASKS_ONCE_MORE) or (asked.kind is Kind.BIRTH_DATE and not names)


def ways_past(misses: int, asked: Expects) -> tuple[str, ...]:
    """The lines that lead past ``asked`` after so many ``misses`` in a row; PERSON_WILL_READ among them: staff are to be told.

    Before consent nobody reads what somebody wrote, so only the number is told.
    """
    if misses < 2:
        return ()
    way = CAN_CALL if asked.kind in _NO_WORD_OF_SKIP else SKIP_OR_CALL
    return (PERSON_WILL_READ, way) if misses >= PERSON_READS_FROM and asked.kind is not Kind.CONSENT else (way,)
