"""Milestones that a parent wants to watch: "I'll watch for it" is kept as not sure, and the question comes back after some days.

By text after a neutral message and a GO, on the web when the family comes back. Once per milestone, and for a few at most. The
answer goes the way of every answer to a milestone; then what was open before is open again.
"""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from intake.rules.interview import Expects, Kind
from intake.rules.keywords import wants_to_watch
from intake.rules.outreach import OutreachKind, due_after
from intake.rules.triage import AnswerValue
from intake.store.models import Answer, Outreach
from intake.usecases.danger import AFTER_SAFETY
from intake.usecases.follow_through import ANSWERED, SENT, WAITING, zones_of
from intake.usecases.scene import Scene
from intake.usecases.texting_consent import may_start_texts

ASK_AGAIN = OutreachKind.ASK_AGAIN.value  # also the id under which a GO is handed to the engine


def watch(scene: Scene, item: str) -> None:
    """Plans to ask ``item`` again when the parent just said to watch for it, and says so; without a way to come back to it, that
    they can write at any time."""
    if not wants_to_watch(scene.turn.text, scene.content.keywords):
        return
    by_text, days = scene.conversation.channel == "sms", scene.content.outreach.ask_again_after_days
    if not _plan(scene, item, days, by_text=by_text):
        scene.say("watch_any_time")
    else:
        scene.say("watch_by_text" if by_text else "watch_on_web", days=days)


def _plan(scene: Scene, item: str, days: int, *, by_text: bool) -> bool:
    session, conversation = scene.session, scene.conversation
    if by_text and not may_start_texts(session, conversation.phone_index):
        return False
    rows = _rows(scene)
    if any(row.item == item for row in rows) or len(rows) >= scene.content.outreach.ask_again_at_most:
        return False
    now = session.scalar(select(func.now())) or datetime.now(UTC)
    session.add(Outreach(conversation_id=conversation.id, kind=ASK_AGAIN, item=item, number=len(rows) + 1,
                         due_at=due_after(now, days, zones_of(scene.content, conversation.phone))))
    session.flush()
    return True


def _rows(scene: Scene, *states: str) -> list[Outreach]:
    query = select(Outreach).where(Outreach.conversation_id == scene.conversation.id, Outreach.kind == ASK_AGAIN)
    return list(scene.session.scalars((query.where(Outreach.state.in_(states)) if states else query).order_by(Outreach.number)))


def is_still_unsure(session: Session, row: Outreach) -> bool:
    """Whether the milestone of ``row`` still stands as not sure; True for a text that is about none."""
    if row.item is None:
        return True
    standing = session.scalars(select(Answer).where(Answer.conversation_id == row.conversation_id, Answer.item == row.item,
                                                    Answer.replaced_at.is_(None))).first()
    return standing is not None and standing.value == AnswerValue.NOT_SURE


def asked_again(scene: Scene) -> Expects | None:
    """The first milestone that was brought up again and is not answered; None lets the order decide."""
    return next((Expects(Kind.MILESTONE, row.item) for row in _rows(scene, SENT) if is_still_unsure(scene.session, row)), None)


def answered_again(scene: Scene, item: str, value: str) -> Expects | None:
    """Notes that ``item``, which was brought up again, has its answer; returns the next one that was brought up with it."""
    for row in _rows(scene, SENT):
        if row.item == item:
            row.state, row.answer, row.answered_in = ANSWERED, value, scene.turn.message_id
            scene.session.flush()
            return asked_again(scene)
    return None


def is_asked_alone(scene: Scene, item: str) -> bool:
    """Whether ``item`` is asked by itself, out of its list, because it was brought up again."""
    return any(row.item == item for row in _rows(scene, SENT))


def due_on_return(scene: Scene) -> Expects | None:
    """On the web: the milestone whose days are over when the family comes back; nothing is asked while danger is the subject."""
    if scene.conversation.channel != "web" or scene.turn.expects == AFTER_SAFETY:
        return None
    now = scene.session.scalar(select(func.now())) or datetime.now(UTC)
    due = [row for row in _rows(scene, WAITING) if row.due_at <= now and is_still_unsure(scene.session, row)]
    for row in due:
        row.state = SENT
    scene.session.flush()
    if due:
        scene.say("watched_enough")
    return asked_again(scene) if due else None
