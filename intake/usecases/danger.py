"""Danger in a message: what staff are told and what the parent is told, whoever noticed it.

The rules notice it before the engine is asked (``taking``). The engine's network may notice what no rule knows; it can only
add, and what it adds is asked about, because a network may be wrong (D2, D3).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID, uuid4

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from intake.content.bilingual import Language
from intake.content.library import Content
from intake.rules.after_danger import Asked
from intake.rules.interview import Expects, Kind
from intake.rules.safety import SafetyHit, SafetyLevel
from intake.rules.triage import Urgency
from intake.store.models import Conversation, DangerTold
from intake.usecases.discretion import latest_danger
from intake.usecases.flags import raise_flag
from intake.usecases.paging import page_once
from intake.usecases.scene import Scene

AFTER_SAFETY = Expects(Kind.FREE, "after_safety")
VIOLENCE_AT_HOME = "E9"  # the trigger
ASKED_AS_QUESTION = frozenset({"lost_skills"})  # the conversation itself asks about lost skills, and flags them (T3)
_STOPS_QUESTIONS = frozenset({SafetyLevel.EMERGENCY, SafetyLevel.URGENT_SAME_DAY})


def stops_questions(hit: SafetyHit) -> bool:
    """Whether the questions stop for this danger; for the rest staff are told and the conversation goes on."""
    return hit.level in _STOPS_QUESTIONS


def flag_danger(session: Session, conversation: Conversation, hit: SafetyHit, message_id: UUID | None, *,
                page: bool = True) -> None:
    """Puts the conversation in front of staff, and pages them when it cannot wait. ``page`` is False where a person of the team
    has just typed it and knows."""
    urgency = Urgency.EMERGENCY if stops_questions(hit) else Urgency.URGENT
    flag = raise_flag(session, conversation, "safety", hit.trigger, urgency, item=hit.category.value, message_id=message_id)
    if page and urgency is Urgency.EMERGENCY and not conversation.practice:
        page_once(session, flag.id)


def asked_after(hit: SafetyHit) -> Asked:
    """The one question that is asked after the lines about this danger (D3). Violence at home asks its own in the first line."""
    if hit.trigger == VIOLENCE_AT_HOME:
        return Asked.SAFE_TO_READ
    return Asked.HAPPENING_NOW if hit.unclear else Asked.SAFE_NOW


def says_it_all(hit: SafetyHit, content: Content, language: Language) -> str:
    """What to do and whom to call, without a question after it."""
    lines = content.safety.lines[hit.situation]
    told = [lines.first, lines.second, content.safety.not_read_live, None if _asks_if_now(hit) else lines.number]
    return " ".join(line.in_language(language) for line in told if line is not None)


def question_about(hit: SafetyHit, content: Content, language: Language) -> str:
    """The last line of the text: the one question, or, after violence at home, a word that says nothing of it."""
    lines, further = content.safety.lines[hit.situation], content.safety.going_on.lines
    asked = {Asked.SAFE_TO_READ: further.discreet_go, Asked.HAPPENING_NOW: lines.question,
             Asked.SAFE_NOW: lines.safe or further.safe_now}
    return asked[asked_after(hit)].in_language(language)


def words_about(hit: SafetyHit, content: Content, language: Language) -> str:
    """The whole text that answers this danger: what to do, whom to call, and in the last line what is asked."""
    return f"{says_it_all(hit, content, language)}\n{question_about(hit, content, language)}"


def ready_answers(asked: Asked, content: Content, language: Language) -> list[dict[str, str]]:
    """The buttons under the question. None after violence at home: its question is not the last line, which may come again."""
    if asked is Asked.SAFE_TO_READ:
        return []
    labels = [answer.label.in_language(language) for answer in content.messages.choices["after_danger"]]
    return [{"label": label, "text": label} for label in labels]


def words_beside(hit: SafetyHit, content: Content, language: Language) -> str:
    """What is said of a danger that can wait, before the conversation goes on with its own question."""
    return says_it_all(replace(hit, unclear=False), content, language)


def _asks_if_now(hit: SafetyHit) -> bool:
    return asked_after(hit) is Asked.HAPPENING_NOW


def note_danger(session: Session, conversation: Conversation, hit: SafetyHit, message_id: UUID) -> None:
    """Writes down which lines were said, what was asked and what was open before (D10). A turn taken again writes nothing."""
    kind, id_ = conversation.expects_kind, conversation.expects_id
    if (kind, id_) == (AFTER_SAFETY.kind.value, AFTER_SAFETY.id):
        before = latest_danger(session, conversation.id)
        kind, id_ = (None, None) if before is None else (before.before_kind, before.before_id)
    asked = asked_after(hit).value if stops_questions(hit) else None
    row = {"id": uuid4(), "conversation_id": conversation.id, "message_id": message_id, "situation": hit.situation,
           "trigger": hit.trigger, "category": hit.category.value, "level": hit.level.value, "unclear": hit.unclear,
           "asked": asked, "before_kind": kind, "before_id": id_, "said_at": func.clock_timestamp()}
    session.execute(insert(DangerTold).values(row).on_conflict_do_nothing(index_elements=["message_id"]))


def hit_of_engine(seen: str | None, content: Content) -> SafetyHit | None:
    """The danger that the engine saw, "category/level"; always unclear, so that one question is asked. None for none."""
    category, _, level = (seen or "").partition("/")
    for situation in content.safety.lexicon.situations.values():
        if (situation.category.value, situation.level.value) == (category, level):
            return SafetyHit(situation.trigger, situation.category, situation.level, True, situation.name)
    return None


def graver(of_rules: SafetyHit | None, of_engine: SafetyHit | None) -> SafetyHit | None:
    """What a message comes to: the rules' hit stands, unless the engine's stops the questions and theirs does not."""
    if of_rules is None or of_engine is None:
        return of_rules or of_engine
    return of_engine if stops_questions(of_engine) and not stops_questions(of_rules) else of_rules


def heeding(deed: Callable[[Scene], Expects | None], seen: str | None, concerns: list[str]) -> Callable[[Scene], Expects | None]:
    """``deed``, unless the engine ``seen`` a danger that stops the questions: then that is answered, and nothing is asked."""

    def deed_or_danger(scene: Scene) -> Expects | None:
        hit = hit_of_engine(seen, scene.content)
        if hit is None:
            return deed(scene)
        flag_danger(scene.session, scene.conversation, hit, scene.turn.message_id)
        if not stops_questions(hit):
            return deed(scene)
        if concerns:
            scene.note_concerns(concerns, scene.turn.text)
        scene.say("safety", lines=words_about(hit, scene.content, scene.turn.language))
        note_danger(scene.session, scene.conversation, hit, scene.turn.message_id)
        return AFTER_SAFETY

    return deed_or_danger
