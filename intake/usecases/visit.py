"""What stands on the page for the doctor's visit: what the family told, in both languages, with nothing made of it.

No score, no urgency, no program: the page goes where the family takes it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from intake.content.bilingual import Bilingual
from intake.content.calendar import say_date, say_reading
from intake.content.library import Content
from intake.rules.concerns import ConcernDomain
from intake.rules.interview import YES, Kind
from intake.rules.routing import advises_lead_test
from intake.rules.triage import AnswerValue
from intake.store.connection import Store
from intake.store.models import Child, Conversation
from intake.usecases.local_day import local_day
from intake.usecases.told import (
    checklist_of,
    current_answers,
    months_on,
    standing_concerns,
    triage_of,
    worries_in_words,
)

# What a doctor looks at first stands first.
ORDER = (AnswerValue.NOT_YET, AnswerValue.SOMETIMES, AnswerValue.NOT_SURE, AnswerValue.YES, AnswerValue.SKIP)


@dataclass(frozen=True)
class VisitPage:
    """What the family told: the child's name and age, worries in their own words, milestones by answer, a lost skill.

    ``asks_about_lead``: the doctor is to be asked about a blood lead test (T7).
    """

    child: str | None
    age: Bilingual | None
    worries: tuple[str, ...]
    lost_skills: bool
    milestones: tuple[tuple[AnswerValue, tuple[Bilingual, ...]], ...]
    told_on: Bilingual
    asks_about_lead: bool


def visit_page(store: Store, content: Content, conversation_id: UUID) -> VisitPage:
    """The page of this conversation."""
    with store.reading() as session:
        conversation = session.get_one(Conversation, conversation_id)
        values = {item: row.value for item, row in current_answers(session, conversation).items()}
        child = conversation.child
        told_on = local_day(content, conversation.last_inbound_at or conversation.started_at)
        return VisitPage(
            child.name if child else None, _age(content, conversation, child), worries_in_words(session, conversation),
            values.get(Kind.LOST_SKILLS) == YES, _milestones(content, conversation, values),
            Bilingual(en=say_date(told_on, "en"), es=say_date(told_on, "es")),
            _asks_about_lead(session, content, conversation, values, told_on))


def _asks_about_lead(session: Session, content: Content, conversation: Conversation, values: dict[str, str], day: date) -> bool:
    concerns = standing_concerns(session, conversation)
    domains = frozenset(ConcernDomain(concern.domain) for concern in concerns if concern.domain)
    born = conversation.child.birth_date if conversation.child else None
    return advises_lead_test(born, day, concerns=domains, flagged=triage_of(content, values, concerns).flagged)


def _age(content: Content, conversation: Conversation, child: Child | None) -> Bilingual | None:
    months = None if child is None else months_on(child, local_day(content, conversation.started_at))
    if months is None:
        return None
    reading = f"P{months}M"
    return Bilingual(en=say_reading(reading, content.messages, "en"), es=say_reading(reading, content.messages, "es"))


def _milestones(content: Content, conversation: Conversation,
                values: dict[str, str]) -> tuple[tuple[AnswerValue, tuple[Bilingual, ...]], ...]:
    asked = [item for item in checklist_of(content, conversation) if item in values]
    groups = ((value, [item for item in asked if values[item] == value]) for value in ORDER)
    return tuple((value, tuple(content.questions.question(item).label for item in items)) for value, items in groups if items)
