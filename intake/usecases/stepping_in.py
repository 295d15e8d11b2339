"""A person of the team steps into a conversation, writes with the family on its own channel, and hands back.

While somebody has stepped in, the engine is not asked (``taking``). What they write waits ten seconds, in which it can be taken
back (case S17), and then goes the way of every message. The family reads a first name and that it is a person. Handed back, the
conversation returns to the very question that was open.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from intake.content.bilingual import as_language
from intake.content.library import Content
from intake.rules.interview import Kind
from intake.rules.sms_text import as_sms
from intake.rules.text import clean
from intake.store.audit import write_audit
from intake.store.connection import Store
from intake.store.jobs import SEND_STAFF_TEXT, defer
from intake.store.models import Conversation, Message, Staff, StaffText
from intake.usecases.casework import CaseUnknown, FormUsed
from intake.usecases.outreach import OPEN, plan_outreach
from intake.usecases.practice_answers import family_answers
from intake.usecases.receiving import WRITER, WRONG_PERSON
from intake.usecases.replying import Reply, last_question, say_unasked
from intake.usecases.sms_size import Size, count, fits
from intake.usecases.staff import actor_of
from intake.usecases.suppression import is_suppressed

UNDO = timedelta(seconds=10)
LONGEST = 1_000  # characters: about seven segments without accents
_CHANNELS = frozenset({"sms", "web"})


class TakenByColleague(Exception):
    """Somebody else writes with this family now; ``name`` says who."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__("a colleague writes with this family")


class NotSteppedIn(Exception):
    """This person does not write with the family (any more): they have not taken over, or have handed back."""


class CannotWrite(Exception):
    """No word of ours can reach this family by this conversation: it has said stop, or it goes by neither text nor web."""


class NothingWritten(ValueError):
    """There is no word in it, or more than ``LONGEST`` characters or one message hold."""


class TooLate(Exception):
    """The ten seconds are over: the text has left."""


def first_name(staff: Staff) -> str:
    """What a family reads of a person's name."""
    return staff.name.split()[0]


def take_over(store: Store, conversation_id: UUID, staff: int, *, shown: int | None = None) -> None:
    """From now on the engine keeps quiet here. ``shown`` is the colleague who was seen to write, in whose place one writes.

    Raises CaseUnknown, CannotWrite, TakenByColleague when it is another by now.
    """
    with store.transaction() as session:
        conversation = _locked(session, conversation_id)
        if not can_be_written_to(session, conversation):
            raise CannotWrite
        if conversation.staff_id == staff:
            return
        if conversation.staff_id not in (None, shown):
            raise TakenByColleague(session.get_one(Staff, conversation.staff_id).name)
        from_whom = None if conversation.staff_id is None else f"from {actor_of(conversation.staff_id)}"
        conversation.staff_id = staff
        write_audit(session, actor_of(staff), "conversation.taken_over", "conversation", conversation.id, detail=from_whom)


def can_be_written_to(session: Session, conversation: Conversation) -> bool:
    """Whether what staff write would reach somebody, and may."""
    return (conversation.channel in _CHANNELS and conversation.status != WRONG_PERSON
            and not is_suppressed(session, conversation.phone_index))


def write(store: Store, content: Content, conversation_id: UUID, staff: int, key: UUID, words: str) -> None:
    """Keeps what a person wrote, once per ``key``; it leaves when ten seconds are over.

    Raises CaseUnknown, NothingWritten, NotSteppedIn, CannotWrite, and FormUsed when the key stands for other words. Nothing is
    kept then.
    """
    text = clean(words).strip()
    if not text or len(text) > LONGEST:
        raise NothingWritten
    with store.transaction() as session:
        conversation = _mine(session, conversation_id, staff)
        if not can_be_written_to(session, conversation):
            raise CannotWrite
        if not fits(as_sms(_as_it_leaves(session, content, conversation, staff, text, first=True), "keep")):
            raise NothingWritten
        known = session.get(StaffText, key)
        if known is not None:
            if (known.conversation_id, known.staff_id, known.text) != (conversation.id, staff, text):
                raise FormUsed
            return
        session.add(StaffText(id=key, conversation_id=conversation.id, staff_id=staff, text=text))
        write_audit(session, actor_of(staff), "text.written", "conversation", conversation.id)
        session.flush()
        # Without a lock: for ten seconds it must hold back no turn, a family's words of danger least of all.
        defer(session, SEND_STAFF_TEXT, None, after=UNDO, staff_text_id=key)


def take_back(store: Store, conversation_id: UUID, staff_text_id: UUID, staff: int) -> str:
    """Takes back what has not left yet, and returns its words. Raises NotSteppedIn for another's or an unknown text, TooLate."""
    with store.transaction() as session:
        written = session.get(StaffText, staff_text_id, with_for_update=True)
        if written is None or (written.conversation_id, written.staff_id) != (conversation_id, staff):
            raise NotSteppedIn
        if written.message_id is not None:
            raise TooLate
        if written.taken_back_at is None:
            written.taken_back_at = func.clock_timestamp()
            write_audit(session, actor_of(staff), "text.taken_back", "conversation", written.conversation_id)
        return written.text


def send_staff_text(store: Store, content: Content, staff_text_id: UUID) -> None:
    """The ten seconds are over: the text becomes a message of the conversation. Once, and not when it was taken back.

    One whose writer has handed back meanwhile still leaves: it was written and not taken back.
    """
    with store.transaction() as session:
        conversation_id = session.scalar(select(StaffText.conversation_id).where(StaffText.id == staff_text_id))
        if conversation_id is None:
            return
        conversation = _locked(session, conversation_id)
        written = session.get_one(StaffText, staff_text_id, with_for_update=True, populate_existing=True)
        if written.taken_back_at is None and written.message_id is None:
            _send(session, content, conversation, written)


def _send(session: Session, content: Content, conversation: Conversation, written: StaffText) -> None:
    name = first_name(session.get_one(Staff, written.staff_id))
    first = not _spoke_last(session, conversation, written.staff_id)
    if first and conversation.channel == "web":
        here = content.messages.system("staff_here", as_language(conversation.language), name=name)
        say_unasked(session, conversation, Reply(here), speaker="system")
    said = _as_it_leaves(session, content, conversation, written.staff_id, written.text, first=first)
    written.message_id = say_unasked(session, conversation, Reply(said), speaker="staff", payload={WRITER: name}).id
    if conversation.practice:
        family_answers(session, content, conversation)


def size_of(store: Store, content: Content, conversation_id: UUID, staff: int, words: str) -> Size | None:
    """How many segments ``words`` take as they would leave now, accents kept; None where nothing goes by text.

    Raises CaseUnknown.
    """
    with store.reading() as session:
        conversation = session.get(Conversation, conversation_id)
        if conversation is None:
            raise CaseUnknown("no such conversation")
        first = not _spoke_last(session, conversation, staff)
        said = _as_it_leaves(session, content, conversation, staff, words, first=first)
        return count(as_sms(said, "keep")) if conversation.channel == "sms" else None


def _as_it_leaves(session: Session, content: Content, conversation: Conversation, staff: int, text: str, *, first: bool) -> str:
    """A text says in itself who writes; in a chat window the name stands above it."""
    if conversation.channel != "sms":
        return text
    name = first_name(session.get_one(Staff, staff))
    here = content.messages.system("staff_here", as_language(conversation.language), name=name) if first else f"{name}:"
    return f"{here} {text}"


def _spoke_last(session: Session, conversation: Conversation, staff: int) -> bool:
    """Whether the last thing that we said was written by this person, so that they need not be introduced again."""
    last = session.scalar(select(Message.id).where(Message.conversation_id == conversation.id, Message.direction == "outbound")
                          .order_by(Message.seq.desc()).limit(1))
    return last is not None and session.scalar(select(StaffText.staff_id).where(StaffText.message_id == last)) == staff


def hand_back(store: Store, content: Content, conversation_id: UUID, staff: int) -> None:
    """The engine goes on: it says who spoke, and asks the open question again. Raises CaseUnknown, NotSteppedIn.

    What the person wrote within the last ten seconds leaves before that.
    """
    with store.transaction() as session:
        conversation = _mine(session, conversation_id, staff)
        waiting = select(StaffText).where(StaffText.conversation_id == conversation.id, StaffText.message_id.is_(None),
                                          StaffText.taken_back_at.is_(None)).order_by(StaffText.written_at)
        for written in session.scalars(waiting.with_for_update()):
            _send(session, content, conversation, written)
        conversation.staff_id = None
        write_audit(session, actor_of(staff), "conversation.handed_back", "conversation", conversation.id)
        if can_be_written_to(session, conversation):
            _ask_again(session, content, conversation, first_name(session.get_one(Staff, staff)))
            plan_outreach(session, content, conversation)


def _ask_again(session: Session, content: Content, conversation: Conversation, name: str) -> None:
    """Who spoke, then the open question. After a person's words a question that nobody saw answered is asked again as it was."""
    language = as_language(conversation.language)
    said = content.messages.system("staff_gone", language, name=name)
    question = last_question(session, conversation) if conversation.status == OPEN else None
    if question is None or question.expects is None or question.expects.kind is Kind.FREE:
        say_unasked(session, conversation, Reply(said), speaker="system")
        return
    conversation.expects_kind, conversation.expects_id = question.expects.kind.value, question.expects.id
    stopped = content.messages.system("stopped_here", language)
    say_unasked(session, conversation, question.again_after(f"{said} {stopped}"), speaker="bot")


def _locked(session: Session, conversation_id: UUID) -> Conversation:
    conversation = session.get(Conversation, conversation_id, with_for_update=True)
    if conversation is None:
        raise CaseUnknown("no such conversation")
    return conversation


def _mine(session: Session, conversation_id: UUID, staff: int) -> Conversation:
    conversation = _locked(session, conversation_id)
    if conversation.staff_id != staff:
        raise NotSteppedIn
    return conversation
