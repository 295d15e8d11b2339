"""Your answers so far: what a web family has told, in the order of the questions, each with the words of its question.

Only what the family itself told is shown, to whoever holds the chat's secret; nothing that staff or rules made of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake.content.bilingual import Language
from intake.content.calendar import say_date, say_reading
from intake.content.library import Content
from intake.rules.age import completed_months
from intake.rules.checklist import checklist_for
from intake.rules.interview import FIXED, SKIP, Expects, Kind, Situation, questions
from intake.store.connection import Store
from intake.store.models import Answer, Child, Concern, Conversation
from intake.usecases.receiving import conversation_of_token
from intake.usecases.scene import TWO_YEARS

SKIPPED = "skipped"  # the purpose of the words shown for a question that was left out


@dataclass(frozen=True)
class AnswerSoFar:
    """One answer: the ``item`` it is kept under, the ``question`` in short, what was told, and whether a tap may change it."""

    item: str
    question: str
    told: str
    can_change: bool


@dataclass(frozen=True)
class AnswersSoFar:
    """All answers of a conversation, in its ``language``."""

    language: Language
    answers: list[AnswerSoFar]


@dataclass(frozen=True)
class PanelWords:
    """The short names of questions by kind, and ``skipped``, in each language."""

    by_language: Mapping[Language, Mapping[str, str]]

    def of(self, purpose: str, language: Language) -> str:
        """The words for ``purpose``; KeyError when nobody wrote them."""
        return self.by_language[language][purpose]


def answers_so_far(store: Store, content: Content, words: PanelWords, token: str) -> AnswersSoFar:
    """The answers of the chat of ``token``, in the conversation's language. Raises SessionUnknown."""
    with store.reading() as session:
        panel = _Panel(session, content, words, conversation_of_token(session, token))
        return AnswersSoFar(panel.language, panel.answers())


def question_of(content: Content, words: PanelWords, item: str, language: Language) -> str | None:
    """The short name of the question behind ``item``; None for what is no item, or cannot be changed by a tap."""
    if content.questions.knows(item):
        return content.questions.question(item).label.in_language(language)
    if item in FIXED or item not in words.by_language[language] or item not in set(Kind):
        return None
    return words.of(item, language)


def checklist_of(content: Content, conversation: Conversation) -> tuple[str, ...]:
    """The milestones of this conversation's checklist, in order: that of the day it began."""
    child = conversation.child
    if child is None or child.birth_date is None:
        return ()
    begun = max(conversation.started_at.date(), child.birth_date)
    months = checklist_for(child.birth_date, child.weeks_early, begun).months
    return () if months is None else tuple(question.id for question in content.questions.checklists[months].questions)


def months_of(conversation: Conversation, child: Child) -> int:
    """The child's age in completed months when the conversation began."""
    assert child.birth_date is not None
    return completed_months(child.birth_date, max(conversation.started_at.date(), child.birth_date))


class _Panel:
    def __init__(self, session: Session, content: Content, words: PanelWords, conversation: Conversation) -> None:
        self._session, self._content, self._words = session, content, words
        self._conversation = conversation
        self.language: Language = "es" if conversation.language == "es" else "en"
        query = select(Answer).where(Answer.conversation_id == conversation.id, Answer.replaced_at.is_(None))
        self._values = {row.item: row.value for row in session.scalars(query)}

    def answers(self) -> list[AnswerSoFar]:
        """All answers that have a short name, in the order in which they are asked."""
        asked = (question for question in questions(self._situation()) if question.item in self._values)
        named = ((question, question_of(self._content, self._words, question.item, self.language)) for question in asked)
        return [AnswerSoFar(question.item, name, self._told(question), can_change=True) for question, name in named if name]

    def _situation(self) -> Situation:
        child = self._conversation.child
        if child is None or child.birth_date is None:
            return Situation(self._values)
        under_two = months_of(self._conversation, child) < TWO_YEARS
        return Situation(self._values, checklist_of(self._content, self._conversation), under_two)

    def _told(self, question: Expects) -> str:
        value = self._values[question.item]
        if value == SKIP:
            return self._words.of(SKIPPED, self.language)
        if question.kind is Kind.BIRTH_DATE and self._conversation.child is not None:
            return self._birth(self._conversation.child, value)
        if question.kind is Kind.WORRY:
            return self._worries() or self._ready(question.kind, value)
        return self._ready(question.kind, value)

    def _ready(self, kind: Kind, value: str) -> str:
        """The label of the ready answer that was picked, else what was told."""
        kind = Kind.CONSENT if kind is Kind.WORRY else kind
        ready = (answer for answer in self._content.messages.choices.get(kind, ()) if answer.code == value)
        return next((answer.label.in_language(self.language) for answer in ready), value)

    def _birth(self, child: Child, told: str) -> str:
        if child.birth_date is None:
            return told
        if child.birth_is_exact:
            return say_date(child.birth_date, self.language)
        return say_reading(f"P{months_of(self._conversation, child)}M", self._content.messages, self.language)

    def _worries(self) -> str:
        query = select(Concern).where(Concern.conversation_id == self._conversation.id, Concern.withdrawn_at.is_(None))
        told = [concern.words for concern in self._session.scalars(query.order_by(Concern.created_at))]
        return "\n".join(dict.fromkeys(told))
