"""Keeps a case's flags in step with its answers, so that staff see it the moment something is told, not at the end.

Flags that the rules raise (a lost skill, a worry, a "not yet") come and go with the answers; flags raised for other causes
(safety words, "I want a person", an answer that could not be saved) stay until staff clear them.
"""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake.rules.concerns import ConcernDomain
from intake.rules.interview import YES, Kind
from intake.rules.triage import Reason, Triage, Urgency, worst
from intake.store.models import Answer, Conversation, Flag, Message
from intake.usecases.scene import Scene
from intake.usecases.told import triage_of

BY_RULES = frozenset({"lost_skill", "worry", "not_yet"})


def case_triage(scene: Scene) -> Triage:
    """What the rules say of this case as it stands."""
    return triage_of(scene.content, scene.answers(), scene.concerns())


def refresh_flags(scene: Scene) -> Triage:
    """Raises and clears the flags that follow from the answers; returns the triage."""
    result = case_triage(scene)
    wanted = {(reason.code, reason.item): reason for reason in result.reasons}
    for flag in open_flags(scene.session, scene.conversation.id):
        if flag.code in BY_RULES and wanted.pop((flag.code, flag.item), None) is None:
            flag.cleared_at = datetime.now(UTC)
    for reason in wanted.values():
        _raise(scene, reason)
    scene.session.flush()
    update_urgency(scene.session, scene.conversation)
    return result


def _raise(scene: Scene, reason: Reason) -> None:
    message = _message_behind(scene, reason) or scene.turn.message_id
    if not _was_cleared_by_staff(scene, reason, message):
        raise_flag(scene.session, scene.conversation, reason.code, reason.rule, reason.urgency, item=reason.item,
                   message_id=message)


def _was_cleared_by_staff(scene: Scene, reason: Reason, message: UUID) -> bool:
    """Whether somebody of the team has dealt with this since it was last told: words they could read do not raise it again.

    The message that is being taken now is not done yet, so it always counts as new.
    """
    told = select(Message.done_at).where(Message.id == message).scalar_subquery()
    query = select(Flag.id).where(Flag.conversation_id == scene.conversation.id, Flag.code == reason.code,
                                  Flag.item.is_not_distinct_from(reason.item), Flag.cleared_by.is_not(None),
                                  Flag.cleared_at >= told)
    return scene.session.scalar(query.limit(1)) is not None


def _message_behind(scene: Scene, reason: Reason) -> UUID | None:
    """The message in which the parent told last what raises the flag."""
    newest_first = list(reversed(scene.concerns()))
    if reason.code == "worry":
        return next((c.message_id for c in newest_first if c.domain == reason.item), None)
    rows: dict[str, Answer] = scene.rows()
    row = rows.get(reason.item or Kind.LOST_SKILLS)
    if row is None or (reason.code == "lost_skill" and row.value != YES):  # told as a worry, not at its question
        return next((c.message_id for c in newest_first if c.domain == ConcernDomain.REGRESSION), None)
    return row.message_id


def open_flags(session: Session, conversation_id: UUID) -> list[Flag]:
    """The flags of a conversation that nobody has cleared."""
    return list(session.scalars(select(Flag).where(Flag.conversation_id == conversation_id, Flag.cleared_at.is_(None))))


def raise_flag(session: Session, conversation: Conversation, code: str, rule: str, urgency: Urgency, *,
               item: str | None = None, message_id: UUID | None = None) -> Flag:
    """Raises a flag unless the same one stands, brings the case's urgency up to it, and returns the one that stands.

    A graver word of the same kind takes the place of a milder one that stands: staff must see it as new.
    """
    standing = next((flag for flag in open_flags(session, conversation.id) if flag.code == code and flag.item == item), None)
    if standing is not None and worst(Urgency(standing.urgency), urgency) is not Urgency(standing.urgency):
        standing.urgency, standing.rule, standing.message_id = urgency.value, rule, message_id
        standing.raised_at = datetime.now(UTC)
        session.flush()
    if standing is None:
        standing = Flag(conversation_id=conversation.id, code=code, item=item, rule=rule, urgency=urgency.value,
                        message_id=message_id)
        session.add(standing)
        session.flush()
    update_urgency(session, conversation)
    return standing


def update_urgency(session: Session, conversation: Conversation) -> None:
    """Sets the case's urgency to the worst of its standing flags."""
    flags = open_flags(session, conversation.id)
    conversation.urgency = worst(*(Urgency(flag.urgency) for flag in flags)).value
    conversation.flagged = bool(flags)
    if flags and conversation.flagged_at is None:
        conversation.flagged_at = datetime.now(UTC)


def clear_flags_of(session: Session, conversation: Conversation, code: str) -> None:
    """Takes back the flags of one ``code`` whose cause is gone; nobody of the team has cleared them."""
    for flag in open_flags(session, conversation.id):
        if flag.code == code:
            flag.cleared_at = datetime.now(UTC)
    session.flush()
    update_urgency(session, conversation)
