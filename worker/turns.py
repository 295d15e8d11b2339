"""One turn, from the stored message to the stored answer. Safe to run again at any point."""

from __future__ import annotations

import logging
from uuid import UUID

from intake import failpoints
from intake.content.library import Content
from intake.store.connection import Store
from intake.usecases.outreach import plan_outreach
from intake.usecases.replying import finish_turn, record_failed_try
from intake.usecases.taking import NO_RULES, TakingRules, take
from worker.engine import Engine, EngineUnavailable

logger = logging.getLogger("growline.worker")


class TurnNotTaken(Exception):
    """The turn could not be taken now and must be tried again; ``tries`` counts the failures so far."""

    def __init__(self, tries: int) -> None:
        super().__init__(f"not taken, {tries} tries so far")
        self.tries = tries


def take_turn(store: Store, content: Content, engine: Engine, message_id: UUID, rules: TakingRules = NO_RULES) -> None:
    """Answers one stored message, and those that wait behind it; raises TurnNotTaken when the engine did not take it."""
    turn = take(store, content, message_id, rules=rules)
    if turn is None:
        return
    failpoints.reach("taken")
    try:
        answer = engine.take_turn(turn)
    except EngineUnavailable as error:
        tries = record_failed_try(store, content, message_id)
        logger.warning("turn %s not taken (%s), try %d", message_id, error.reason, tries)
        raise TurnNotTaken(tries) from None
    failpoints.reach("engine_answered")
    finish_turn(store, message_id, answer.texts, answer.receipt, answer.understood, first_line=turn.first_line,
                accents=rules.accents, afterwards=lambda session, conversation: plan_outreach(session, content, conversation))
    failpoints.reach("turn_finished")
