"""The scene of a turn: the conversation with its family, child and current answers, opened inside one transaction.

Deeds read and change the scene; the scene knows how answers replace one another, what is open next and whether the case is
flagged. It never commits: ``turns.take_step`` does that once, together with the receipt.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from intake.content.bilingual import Language
from intake.content.library import Content
from intake.rules.checklist import ChecklistChoice
from intake.rules.interview import SKIP, Expects, Kind, Situation, next_question
from intake.store.encryption import keys_of
from intake.store.models import Answer, Child, Concern, Conversation, Family, Message
from intake.usecases.asked import asked_before
from intake.usecases.fitting import Fitting
from intake.usecases.outcome import Line
from intake.usecases.suppression import found_wrong
from intake.usecases.told import checklist_choice, current_answers, situation_on, standing_concerns

AWAY_AFTER = timedelta(hours=12)  # a longer silence gets one line of recap


@dataclass(frozen=True)
class Turn:
    """What came in: ``conversation`` is the public id, ``message_id`` our id of the inbound message, ``today`` the
    program's date, ``expects`` the question that was open when the message was first taken."""

    conversation: str
    message_id: UUID
    text: str
    language: Language
    channel: str
    expects: Expects | None
    today: date


class ConversationUnknown(LookupError):
    """There is no conversation with this public id."""


class Scene:
    """One conversation, opened for one turn in ``session``."""

    def __init__(self, session: Session, content: Content, turn: Turn) -> None:
        self.session = session
        self.content = content
        self.turn = turn
        self.conversation = self._find(turn.conversation)
        self.family: Family = self.conversation.family
        self.before: list[Line] = []
        self._asked: dict[str, UUID] | None = None
        self._rows: dict[str, Answer] | None = None  # read once until one of them changes

    def open(self) -> None:
        """Begins the turn: takes over the language the parent writes in, and greets who comes back after a long silence."""
        if self.conversation.language != self.turn.language:
            self.conversation.language = self.family.language = self.turn.language
        if self.was_away() and self.open_question() is not None:
            self.say("welcome_back")

    def _find(self, public_id: str) -> Conversation:
        query = select(Conversation).where(Conversation.public_id == public_id).with_for_update()
        conversation = self.session.scalar(query)
        if conversation is None:
            raise ConversationUnknown("no such conversation")
        return conversation

    # what is known

    @property
    def child(self) -> Child | None:
        """The child this conversation is about, once something about the child was told."""
        return self.conversation.child

    def child_or_new(self) -> Child:
        """The child, made now when this is the first thing told."""
        if self.conversation.child is None:
            self.conversation.child = Child(family_id=self.family.id)
            self.session.add(self.conversation.child)
            self.session.flush()
        return self.conversation.child

    def rows(self) -> dict[str, Answer]:
        """The current answers by item."""
        if self._rows is None:
            self._rows = current_answers(self.session, self.conversation)
        return dict(self._rows)

    def answers(self) -> dict[str, str]:
        """The current values by item."""
        return {item: row.value for item, row in self.rows().items()}

    def is_merged(self) -> bool:
        """Whether staff joined other families to this one, so that its facts may have been told in another conversation."""
        return self.session.scalar(select(Family.id).where(Family.merged_into == self.family.id).limit(1)) is not None

    def relation(self) -> str | None:
        """Who is writing here: never what somebody else of the family is to the child."""
        return self.answers().get(Kind.RELATION) if self.is_merged() else self.family.relation

    def phone_to_call(self) -> str | None:
        """The number to call that was told here, or that texts come from: a yes said here counts for no other. None when a
        call found it to be somebody else's, so that the family is asked for the right one."""
        phone = self._number_told()
        wrong = phone is not None and found_wrong(self.session, self.conversation, self.phone_index(phone))
        return None if wrong else phone

    def _number_told(self) -> str | None:
        told = self.answers().get(Kind.PHONE)
        own = [phone for phone in (None if told == SKIP else told, self.conversation.phone) if phone]
        if self.family.phone in own or not self.is_merged():
            return self.family.phone
        return own[0] if own else None

    def checklist_choice(self) -> ChecklistChoice | None:
        """The checklist of this child, or None while no birth date is known."""
        return checklist_choice(self.content, self.conversation)

    def situation(self) -> Situation:
        """What the order of the conversation depends on. The checklist is that of the day the conversation began."""
        answers = self.answers()
        offers = self.fitting(answers).further().offered
        return situation_on(self.content, self.conversation, answers, self.turn.today, offers)

    def fitting(self, answers: Mapping[str, str] | None = None) -> Fitting:
        """What finds the programs that fit, by the current answers."""
        return Fitting(self.session, self.content, self.conversation, self.answers() if answers is None else answers,
                       self.turn.today)

    def open_question(self) -> Expects | None:
        """The question that is open now."""
        return next_question(self.situation())

    def previous_message_at(self) -> datetime | None:
        """When the parent wrote before this message."""
        query = select(func.max(Message.created_at)).where(
            Message.conversation_id == self.conversation.id, Message.direction == "inbound",
            Message.id != self.turn.message_id)
        return self.session.scalar(query)

    def words_before(self) -> str:
        """The parent's words of the message before this one: what a read-back was about."""
        query = select(Message).where(Message.conversation_id == self.conversation.id, Message.direction == "inbound",
                                      Message.id != self.turn.message_id)
        before = self.session.scalar(query.order_by(Message.created_at.desc()).limit(1))
        return before.text if before is not None else self.turn.text

    def was_away(self) -> bool:
        """Whether the parent comes back after a long silence."""
        before = self.previous_message_at()
        now = self.session.scalar(select(Message.created_at).where(Message.id == self.turn.message_id))
        return before is not None and now is not None and now - before > AWAY_AFTER

    # what changes

    def answer(self, item: str, value: str, own_words: str | None = None) -> Answer:
        """Keeps ``value`` for ``item``; an earlier answer is marked replaced, never erased."""
        version = self._wording_version(item)
        row = Answer(id=uuid4(), conversation_id=self.conversation.id, child_id=self.conversation.child_id, item=item,
                     value=value, own_words=own_words or self.turn.text, wording_version=version,
                     message_id=self.turn.message_id, asked_in=self._asked_in(item))
        self.withdraw(item)
        self.session.add(row)
        self.session.flush()
        self.session.execute(update(Answer).where(Answer.conversation_id == self.conversation.id, Answer.item == item,
                                                  Answer.replaced_at.is_not(None), Answer.replaced_by.is_(None))
                             .values(replaced_by=row.id))
        self._rows = None
        return row

    def _asked_in(self, item: str) -> UUID | None:
        """The message that asked for ``item``; looked up once in a turn, for all items."""
        if self._asked is None:
            self._asked = asked_before(self.session, self.conversation.id, self.turn.message_id)
        return self._asked.get(item)

    def _wording_version(self, item: str) -> int | None:
        if not self.content.questions.knows(item):
            return None
        question = self.content.questions.question(item)
        return self.content.questions.checklists[question.checklist].version

    def withdraw(self, item: str) -> None:
        """Opens an item again; the old answer is kept as replaced."""
        self.session.execute(
            update(Answer).where(Answer.conversation_id == self.conversation.id, Answer.item == item,
                                 Answer.replaced_at.is_(None)).values(replaced_at=func.now()))
        self.session.flush()
        self._rows = None

    def blank_answers(self) -> None:
        """Takes the content out of all that was answered here and replaces it; that something was answered stays."""
        self.session.execute(update(Answer).where(Answer.conversation_id == self.conversation.id)
                             .values(value="", own_words=None, replaced_at=func.coalesce(Answer.replaced_at, func.now())))
        self._rows = None

    def note_concerns(self, domains: list[str], words: str) -> None:
        """Keeps a worry in the parent's words, once per domain; without a domain when none was recognised."""
        codes: list[str | None] = [*domains]
        for domain in codes or [None]:
            self.session.add(Concern(conversation_id=self.conversation.id, child_id=self.conversation.child_id, domain=domain,
                                     words=words, message_id=self.turn.message_id))
        self.session.flush()

    def concerns(self) -> list[Concern]:
        """The worries that stand."""
        return standing_concerns(self.session, self.conversation)

    def say(self, name: str, /, **variables: object) -> None:
        """Adds a line that is said before the next question."""
        self.before.append(Line(name, dict(variables)))

    def is_open(self, *kinds: Kind) -> bool:
        """Whether the message answers a question of one of ``kinds``."""
        return self.turn.expects is not None and self.turn.expects.kind in kinds

    def introduce(self) -> None:
        """Remembers that the introduction with its disclosures has been said."""
        self.conversation.introduced_at = func.now()

    def phone_index(self, phone: str) -> bytes:
        """The keyed hash a phone is found by."""
        return keys_of(self.session.get_bind().dialect).phone_index(phone)
