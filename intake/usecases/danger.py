"""Danger in a message: what staff are told and what the parent is told, whoever noticed it.

The rules notice it before the engine is asked (``taking``). The engine's network may notice what no rule knows; it can only
add, and what it adds is asked about, because a network may be wrong (D2, D3).
"""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from sqlalchemy.orm import Session

from intake.content.bilingual import Language
from intake.content.library import Content
from intake.rules.interview import Expects, Kind
from intake.rules.safety import SafetyHit, SafetyLevel
from intake.rules.triage import Urgency
from intake.store.models import Conversation
from intake.usecases.flags import raise_flag
from intake.usecases.scene import Scene

AFTER_SAFETY = Expects(Kind.FREE, "after_safety")
ASKED_AS_QUESTION = frozenset({"lost_skills"})  # the conversation itself asks about lost skills, and flags them (T3)
_STOPS_QUESTIONS = frozenset({SafetyLevel.EMERGENCY, SafetyLevel.URGENT_SAME_DAY})


def stops_questions(hit: SafetyHit) -> bool:
    """Whether the questions stop for this danger; for the rest staff are told and the conversation goes on."""
    return hit.level in _STOPS_QUESTIONS


def flag_danger(session: Session, conversation: Conversation, hit: SafetyHit, message_id: UUID | None) -> None:
    """Puts the conversation in front of staff."""
    urgency = Urgency.EMERGENCY if stops_questions(hit) else Urgency.URGENT
    raise_flag(session, conversation, "safety", hit.trigger, urgency, item=hit.category.value, message_id=message_id)


def words_about(hit: SafetyHit, content: Content, language: Language) -> str:
    """The whole text that answers this danger: what to do, whom to call, and how the conversation goes on."""
    lines = content.safety.lines[hit.situation]
    told = [lines.first, lines.second, content.safety.not_read_live, lines.question if hit.unclear else lines.number]
    text = " ".join(line.in_language(language) for line in told if line is not None)
    return f"{text}\n{content.messages.system('safety_resume', language)}"


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
        return AFTER_SAFETY

    return deed_or_danger
