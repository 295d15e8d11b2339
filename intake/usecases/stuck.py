"""A question that does not get through: the same one, misread again and again, must not go round for ever (N29).

The first time the question is asked again in plainer words or with its numbers. The second time the way past it and to a person
is told; from the third time on, somebody of the team is to read what was written.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from sqlalchemy import select

from intake.rules.interview import Expects, Kind
from intake.rules.triage import Urgency
from intake.store.models import Turn as TurnRow
from intake.usecases.danger import AFTER_SAFETY
from intake.usecases.flags import raise_flag
from intake.usecases.outcome import Line, Outcome
from intake.usecases.scene import Scene

FLAG = "not_getting_through"
PERSON_READS = 3  # misses in a row, this one too
MISSED = frozenset({"not_understood", "not_understood_milestone", "name_not_understood", "birth_not_understood",
                    "phone_not_understood", "please_pick", "please_tell_me", "please_yes_or_no"})
OWN_LINES = frozenset({"person_will_read", "can_call", "skip_or_call"})
_CANNOT_BE_SKIPPED = (Kind.CONSENT, Kind.FREE)


def help_past(scene: Scene, expects: Expects | None) -> None:
    """Tells the way out when what came was not understood, ``expects`` is asked again, and so it was the time before."""
    if expects is None or expects == AFTER_SAFETY or not _is_miss(scene.before, scene.turn.expects, expects):
        return
    misses = 1 + _misses_before(scene, expects)
    if misses == 1:
        return
    if misses >= PERSON_READS and expects.kind is not Kind.CONSENT:  # before consent nobody reads what somebody wrote
        raise_flag(scene.session, scene.conversation, FLAG, "N29", Urgency.STANDARD, message_id=scene.turn.message_id)
        scene.say("person_will_read")
    scene.say("can_call" if expects.kind in _CANNOT_BE_SKIPPED else "skip_or_call")


def _is_miss(said_before: Sequence[Line], answered: Expects | None, asked: Expects) -> bool:
    """Whether the question of ``asked`` came again without an answer; the birth date does so without a word after a bare "no"."""
    if answered is None or answered.item != asked.item:
        return False
    names = {line.name for line in said_before} - OWN_LINES
    return bool(names & MISSED) or (asked.kind is Kind.BIRTH_DATE and not names)


def _misses_before(scene: Scene, expects: Expects) -> int:
    """How many of the turns just before this one did not get an answer to the same question; no more than matter."""
    query = (select(TurnRow).where(TurnRow.conversation_id == scene.conversation.id)
             .order_by(TurnRow.committed_at.desc()).limit(PERSON_READS))
    outcomes = [Outcome.from_json(row.outcome) for row in scene.session.scalars(query)]
    count = 0
    for outcome, earlier in pairwise(outcomes):
        said_before = outcome.lines[:len(outcome.lines) - outcome.asks]
        if not _asks_for(outcome, expects) or not _is_miss(said_before, earlier.expects, expects):
            break
        count += 1
    return count


def _asks_for(outcome: Outcome, expects: Expects) -> bool:
    return outcome.expects is not None and outcome.expects.item == expects.item
