"""Takes one step of a conversation exactly once.

The effects of a step, what is open next and the receipt are committed together. When a turn is taken again (a process died,
an answer was lost on the way) the receipt is found and its outcome returned; nothing is done a second time.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from intake.content.library import Content
from intake.rules.interview import NEXT_CHECK, Expects, Kind, Situation, next_question
from intake.rules.progress import progress
from intake.store.connection import Store
from intake.store.models import Turn as TurnRow
from intake.usecases.after_danger import still_in_danger
from intake.usecases.asking import FINISHED, INTRODUCTION, ask
from intake.usecases.asking_again import due_on_return
from intake.usecases.outcome import Outcome
from intake.usecases.routing import explain_what_comes_next
from intake.usecases.scene import Scene, Turn
from intake.usecases.stuck import help_past

Deed = Callable[[Scene], Expects | None]
"""A deed changes the scene and may name a question to ask instead of the next open one."""


class Desk:
    """Where deeds are done: the ``store`` and the ``content`` of this affiliate."""

    def __init__(self, store: Store, content: Content) -> None:
        self.store = store
        self.content = content

    def take_step(self, turn: Turn, step: str, deed: Callable[[Scene], Expects | None]) -> Outcome:
        """Does ``deed`` for ``turn`` unless its receipt exists, and returns the outcome. Raises ConversationUnknown."""
        with self.store.transaction() as session:
            scene = Scene(session, self.content, turn)  # locks the conversation, so two tries cannot both find no receipt
            receipt = session.get(TurnRow, turn.message_id)
            if receipt is not None:
                return Outcome.from_json(receipt.outcome)
            scene.open()
            outcome = _finish(scene, deed(scene) or still_in_danger(scene))
            self._write_receipt(session, scene, step, outcome)
            return outcome

    @staticmethod
    def _write_receipt(session: Session, scene: Scene, step: str, outcome: Outcome) -> None:
        session.add(TurnRow(message_id=scene.turn.message_id, conversation_id=scene.conversation.id, step=step,
                            outcome=outcome.to_json()))


def _finish(scene: Scene, instead: Expects | None) -> Outcome:
    situation = scene.situation()
    expects = instead or due_on_return(scene) or next_question(situation)
    if _nothing_was_read_back(scene, expects, situation):
        explain_what_comes_next(scene)
    help_past(scene, expects)
    lines, choices = ask(scene, expects)
    conversation = scene.conversation
    if expects is None or expects.item == NEXT_CHECK:  # whether we may write later is no part of what is to be told
        conversation.finished_at = conversation.finished_at or datetime.now(UTC)
    if expects is None:
        expects = Expects(Kind.FREE, FINISHED)
    conversation.expects_kind, conversation.expects_id = expects.kind.value, expects.id
    name = scene.child.name if scene.child else None
    asks = sum(not line.name.startswith(INTRODUCTION) for line in lines)  # who we are is said once, not with every asking
    return Outcome((*scene.before, *lines), expects, choices, scene.turn.language, name, asks,
                   progress(situation, expects))


def _nothing_was_read_back(scene: Scene, expects: Expects | None, situation: Situation) -> bool:
    """Whether consent to contact comes up for a child without a checklist: what comes next has not been said then.

    A parent's yes covers what they have read, so the program is named before they are asked.
    """
    if expects != Expects(Kind.CONTACT_CONSENT) or situation.checklist:
        return False
    return scene.is_open(Kind.WORRY, Kind.LOST_SKILLS)
