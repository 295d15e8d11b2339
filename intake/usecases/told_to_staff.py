"""Danger in what staff type of a family's words: the worry of who phoned, the note of a call, a note on the case.

It is read by the same rules as a text and raises the same flags; the engine is not asked. Nothing answers by itself here: staff
have the family on the phone, so they get the lines to say.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from intake.content.bilingual import Language
from intake.content.library import Content
from intake.rules.safety import SafetyHit
from intake.rules.text import clean
from intake.store.models import Conversation
from intake.usecases.danger import ASKED_AS_QUESTION, flag_danger
from intake.usecases.local_day import true_age_days
from intake.usecases.understanding import danger_in


def danger_told(content: Content, typed: str, conversation: Conversation | None = None) -> SafetyHit | None:
    """The gravest danger that what was typed tells of; the child's age in ``conversation`` may make it graver."""
    hit = danger_in(clean(typed), content, true_age_days(content, conversation) if conversation else None)
    return None if hit is None or hit.situation in ASKED_AS_QUESTION else hit


def flag_danger_told(session: Session, content: Content, conversation: Conversation, typed: str,
                     message_id: UUID | None = None) -> None:
    """Puts the case in front of staff when what was typed tells of danger; a flag that stands already stands once."""
    hit = danger_told(content, typed, conversation)
    if hit is not None:
        flag_danger(session, conversation, hit, message_id, page=False)


def lines_to_say(hit: SafetyHit, content: Content, language: Language) -> tuple[str, ...]:
    """What to tell the family on the phone, line by line: what to do, what to ask when it is unclear, whom to call."""
    lines = content.safety.lines[hit.situation]
    said = [lines.first, lines.second, lines.question if hit.unclear else None, lines.number]
    return tuple(line.in_language(language) for line in said if line is not None)
