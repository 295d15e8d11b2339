"""Leads past a question that does not get through, and to a person (``intake.rules.misses``)."""

from __future__ import annotations

from itertools import pairwise

from sqlalchemy import select

from intake.rules.interview import Expects
from intake.rules.misses import PERSON_READS_FROM, PERSON_WILL_READ, is_miss, ways_past
from intake.rules.triage import Urgency
from intake.store.models import Turn as TurnRow
from intake.usecases.danger import AFTER_SAFETY
from intake.usecases.flags import raise_flag
from intake.usecases.outcome import Outcome
from intake.usecases.scene import Scene

FLAG = "not_getting_through"


def help_past(scene: Scene, expects: Expects | None) -> None:
    """Tells the way out when what came was not understood, ``expects`` is asked again, and so it was the time before. The
    question after danger has an end of its own."""
    said_before = [line.name for line in scene.before]
    if expects is None or expects == AFTER_SAFETY or not is_miss(said_before, scene.turn.expects, expects):
        return
    lines = ways_past(1 + _misses_before(scene, expects), expects)
    if PERSON_WILL_READ in lines:
        raise_flag(scene.session, scene.conversation, FLAG, "N29", Urgency.STANDARD, message_id=scene.turn.message_id)
    for line in lines:
        scene.say(line)


def _misses_before(scene: Scene, expects: Expects) -> int:
    """How many of the turns just before this one did not get an answer to the same question; no more than matter."""
    query = (select(TurnRow).where(TurnRow.conversation_id == scene.conversation.id)
             .order_by(TurnRow.committed_at.desc()).limit(PERSON_READS_FROM))
    outcomes = [Outcome.from_json(row.outcome) for row in scene.session.scalars(query)]
    count = 0
    for outcome, earlier in pairwise(outcomes):
        said_before = [line.name for line in outcome.lines[:len(outcome.lines) - outcome.asks]]
        asked = outcome.expects
        if asked is None or asked.item != expects.item or not is_miss(said_before, earlier.expects, asked):
            break
        count += 1
    return count
