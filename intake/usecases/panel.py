"""Your answers so far: what a web family has told, in the order of the questions, each with the words of its question.

Only what the family itself told is shown, to whoever holds the chat's secret; nothing that staff or rules made of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from intake.content.bilingual import Language
from intake.content.calendar import say_date, say_reading
from intake.content.library import Content
from intake.rules.interview import FIXED, OF_PROGRAM, OF_SOMEBODY_ELSE, SKIP, Expects, Kind, questions
from intake.store.connection import Store
from intake.store.models import Child, Conversation
from intake.usecases.local_day import local_day
from intake.usecases.receiving import conversation_of_token
from intake.usecases.told import current_answers, months_on, situation_on, worries_in_words

_ITEMS = frozenset({*Kind, *(own.item for own in OF_SOMEBODY_ELSE)})
SKIPPED = "skipped"  # the purpose of the words shown for a question that was left out


@dataclass(frozen=True)
class AnswerSoFar:
    """One answer: the ``item`` it is kept under, the ``question`` in short, and what was told."""

    item: str
    question: str
    told: str


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
    if item.startswith(OF_PROGRAM):
        program = content.programs.programs.get(item.removeprefix(OF_PROGRAM))
        return None if program is None else program.called.in_language(language)
    name = item.replace(".", "_")  # as the words of an item with an id are called
    if item in FIXED or name not in words.by_language[language] or item not in _ITEMS:
        return None
    return words.of(name, language)


class _Panel:
    def __init__(self, session: Session, content: Content, words: PanelWords, conversation: Conversation) -> None:
        self._session, self._content, self._words = session, content, words
        self._conversation = conversation
        self.language: Language = "es" if conversation.language == "es" else "en"
        self._values = {item: row.value for item, row in current_answers(session, conversation).items()}

    def answers(self) -> list[AnswerSoFar]:
        """All answers that have a short name, in the order in which they are asked."""
        begun = local_day(self._content, self._conversation.started_at)
        situation = situation_on(self._content, self._conversation, self._values, begun)
        asked = (question for question in questions(situation) if question.item in self._values)
        named = ((question, question_of(self._content, self._words, question.item, self.language)) for question in asked)
        return [AnswerSoFar(question.item, name, self._told(question)) for question, name in named if name]

    def _told(self, question: Expects) -> str:
        value = self._values[question.item]
        if value == SKIP:
            return self._words.of(SKIPPED, self.language)
        if question.kind is Kind.BIRTH_DATE and self._conversation.child is not None:
            return self._birth(self._conversation.child, value)
        if question.kind is Kind.WORRY:
            worries = worries_in_words(self._session, self._conversation)
            return "\n".join(worries) or self._ready(question.kind, value)
        named = question.item in self._content.messages.choices
        return self._ready(question.item if named else question.kind, value)

    def _ready(self, item: str, value: str) -> str:
        """The label of the ready answer that was picked, else what was told."""
        item = Kind.CONSENT if item == Kind.WORRY else Kind.MILESTONE if self._content.questions.knows(item) else item
        ready = (answer for answer in self._content.messages.choices.get(item, ()) if answer.code == value)
        return next((answer.label.in_language(self.language) for answer in ready), value)

    def _birth(self, child: Child, told: str) -> str:
        if child.birth_date is None:
            return told
        if child.birth_is_exact:
            return say_date(child.birth_date, self.language)
        months = months_on(child, local_day(self._content, self._conversation.started_at))
        return say_reading(f"P{months}M", self._content.messages, self.language)
