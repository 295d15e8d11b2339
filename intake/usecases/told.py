"""What a family has told, as it stands: current answers, worries, and what the order of the questions depends on.

Only reads. The scene of a turn, the list of answers and the page for the doctor's visit all look here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake.content.library import Content
from intake.rules.age import completed_months
from intake.rules.checklist import ChecklistChoice, checklist_for
from intake.rules.concerns import ConcernDomain
from intake.rules.interview import OF_PROGRAM, YES, Kind, Situation, is_somebody_else
from intake.rules.next_check import NextAge, next_age
from intake.rules.relation import GUARDIAN
from intake.rules.triage import AnswerValue, Triage, triage
from intake.store.models import Answer, Child, Concern, Conversation
from intake.usecases.local_day import local_day

TWO_YEARS = 24  # months; until then an early birth changes the checklist (rule P1)


def current_answers(session: Session, conversation: Conversation) -> dict[str, Answer]:
    """The answers that stand, by item, in the order in which they were given."""
    query = select(Answer).where(Answer.conversation_id == conversation.id, Answer.replaced_at.is_(None))
    return {row.item: row for row in session.scalars(query.order_by(Answer.created_at))}


def wrote_somebody_else(session: Session, conversation: Conversation) -> bool:
    """Whether a relative, a doctor or a teacher wrote here, and not the child's parent or guardian."""
    return is_somebody_else({item: row.value for item, row in current_answers(session, conversation).items()})


def standing_concerns(session: Session, conversation: Conversation) -> list[Concern]:
    """The worries that stand, oldest first."""
    query = select(Concern).where(Concern.conversation_id == conversation.id, Concern.withdrawn_at.is_(None))
    return list(session.scalars(query.order_by(Concern.created_at)))


def worries_in_words(session: Session, conversation: Conversation) -> tuple[str, ...]:
    """The worries that stand in the family's own words, each once."""
    return tuple(dict.fromkeys(concern.words for concern in standing_concerns(session, conversation)))


def checklist_choice(content: Content, conversation: Conversation) -> ChecklistChoice | None:
    """The checklist of the day the conversation began, or the family came back for the next; None without a birth date."""
    child = conversation.child
    if child is None or child.birth_date is None:
        return None
    day = conversation.checked_on or local_day(content, conversation.started_at)
    return checklist_for(child.birth_date, child.weeks_early, max(day, child.birth_date))


def checklist_of(content: Content, conversation: Conversation) -> tuple[str, ...]:
    """The milestones of the conversation's checklist, in order."""
    choice = checklist_choice(content, conversation)
    if choice is None or choice.months is None:
        return ()
    return tuple(question.id for question in content.questions.checklists[choice.months].questions)


def months_on(child: Child, day: date) -> int | None:
    """The child's age in completed months on ``day`` (0 before birth); None while no birth date is known."""
    return None if child.birth_date is None else completed_months(child.birth_date, max(day, child.birth_date))


def triage_of(content: Content, answers: Mapping[str, str], concerns: Sequence[Concern]) -> Triage:
    """What the rules say of these current ``answers`` and standing ``concerns``."""
    milestones = {item: AnswerValue(value) for item, value in answers.items() if content.questions.knows(item)}
    domains = {ConcernDomain(concern.domain) for concern in concerns if concern.domain}
    return triage(milestones, answers.get(Kind.LOST_SKILLS) == YES, domains, bool(concerns), None)


def answered_offers(answers: Mapping[str, str]) -> tuple[str, ...]:
    """The further programs that the family was asked about, in the order of its answers."""
    return tuple(item.removeprefix(OF_PROGRAM) for item in answers if item.startswith(OF_PROGRAM))


def situation_on(content: Content, conversation: Conversation, answers: Mapping[str, str], day: date,
                 offers: tuple[str, ...] | None = None) -> Situation:
    """What the order of the questions depends on, on ``day``; without ``offers`` those that were answered count."""
    months = None if conversation.child is None else months_on(conversation.child, day)
    invited = (conversation.channel == "sms" and not conversation.practice and answers.get(Kind.RELATION) == GUARDIAN
               and next_age_of(content, conversation, day) is not None)
    return Situation(answers, checklist_of(content, conversation), None if months is None else months < TWO_YEARS,
                     answered_offers(answers) if offers is None else offers, invited)


def next_age_of(content: Content, conversation: Conversation, day: date) -> NextAge | None:
    """The next age at which this child's milestones are looked at, after ``day``; None when none is left, or no age is known."""
    child = conversation.child
    if child is None or child.birth_date is None or child.birth_date > day:
        return None
    not_sooner = content.outreach.next_check.not_sooner
    return next_age(child.birth_date, child.weeks_early, day, content.questions.checklists, not_sooner)
