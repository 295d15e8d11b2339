"""The dangers that waiting texts tell of, and the answer to the gravest of them; ``taking`` says when."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake.content.bilingual import Language
from intake.content.library import Content
from intake.rules.safety import SafetyCategory, SafetyHit, SafetyLevel
from intake.store.models import Conversation, DangerTold, Message
from intake.usecases.danger import (
    AFTER_SAFETY,
    ASKED_AS_QUESTION,
    asked_after,
    note_danger,
    question_about,
    ready_answers,
    stops_questions,
    words_about,
    words_beside,
)
from intake.usecases.discretion import DISCREET
from intake.usecases.local_day import true_age_days
from intake.usecases.replying import Reply, reply_plainly, was_just_said
from intake.usecases.sendings import DANGER
from intake.usecases.suppression import CONFIRMS_OPT_OUT
from intake.usecases.understanding import danger_in
from intake.usecases.waiting import words_together


def dangers_of(content: Content, conversation: Conversation, waiting: list[Message]) -> list[tuple[SafetyHit, Message]]:
    """The danger of each text that waits, with the text; of the first, when only all together tell of one."""
    age = true_age_days(content, conversation)
    told = [(danger_in(text.text, content, age), text) for text in waiting]
    if len(waiting) > 1 and not any(hit for hit, _ in told):
        told = [(danger_in(words_together(conversation, waiting), content, age), waiting[0])]
    return [(hit, text) for hit, text in told if hit is not None and hit.situation not in ASKED_AS_QUESTION]


def answer_danger(session: Session, content: Content, conversation: Conversation, message: Message, hit: SafetyHit,
                  language: Language, *, flooded: bool, passes_opt_out: bool) -> None:
    """Says the lines about ``hit`` and keeps which they were; what was open stays open behind them. Amid a flood the same words
    are said once."""
    said = words_about(hit, content, language)
    if flooded and was_just_said(session, conversation, said):
        return
    note_danger(session, conversation, hit, message.id)
    conversation.expects_kind, conversation.expects_id = AFTER_SAFETY.kind.value, AFTER_SAFETY.id
    payload = {CONFIRMS_OPT_OUT: True} if passes_opt_out else {}
    payload |= {DISCREET: True} if hit.category is SafetyCategory.ABUSE_VIOLENCE else {}
    reply = Reply(said, AFTER_SAFETY, ready_answers(asked_after(hit), content, language),
                  question=question_about(hit, content, language))
    reply_plainly(session, conversation, message, reply, payload=payload, purpose=DANGER)


def note_what_can_wait(session: Session, conversation: Conversation, dangers: list[tuple[SafetyHit, Message]],
                       message: Message) -> None:
    """A danger that can wait gets its lines beside the engine's answer, once in a conversation and never amid a graver one."""
    hit = next((hit for hit, _ in dangers if not stops_questions(hit)), None)
    if hit is None or conversation.expects_id == AFTER_SAFETY.id:
        return
    told = select(DangerTold.id).where(DangerTold.conversation_id == conversation.id, DangerTold.situation == hit.situation)
    if session.scalar(told.limit(1)) is None:
        note_danger(session, conversation, hit, message.id)


def line_beside(session: Session, content: Content, message: Message, language: Language) -> list[str]:
    """The lines about a danger of ``message`` that can wait; none for every other message."""
    row = session.scalar(select(DangerTold).where(DangerTold.message_id == message.id, DangerTold.asked.is_(None)))
    if row is None:
        return []
    hit = SafetyHit(row.trigger, SafetyCategory(row.category), SafetyLevel(row.level), row.unclear, row.situation)
    return [words_beside(hit, content, language)]
