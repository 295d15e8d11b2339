"""A person of the team steps into a conversation, writes with the family on its own channel, and hands back.

While somebody has stepped in, the engine is not asked (``taking``). What they write waits ten seconds, in which it can be taken
back (case S17), and then goes the way of every message. The family reads a first name and that it is a person. Handed back, the
conversation returns to the very question that was open.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from intake.content.bilingual import Language
from intake.content.library import Content
from intake.rules.text import clean
from intake.store.audit import write_audit
from intake.store.connection import Store
from intake.store.jobs import SEND_STAFF_TEXT, defer
from intake.store.models import Conversation, Message, Staff, StaffText
from intake.usecases.casework import CaseUnknown
from intake.usecases.outreach import plan_outreach
from intake.usecases.receiving import WRITER, WRONG_PERSON
from intake.usecases.replying import Reply, last_question, say_unasked
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
    """There is no word in it, or more than ``LONGEST`` characters."""


class TooLate(Exception):
    """The ten seconds are over: the text has left."""


def first_name(staff: Staff) -> str:
    """What a family reads of a person's name."""
    return staff.name.split()[0]


def take_over(store: Store, conversation_id: UUID, staff: int) -> None:
    """From now on the engine keeps quiet here. Raises CaseUnknown, CannotWrite, TakenByColleague."""
    with store.transaction() as session:
        conversation = _locked(session, conversation_id)
        if not can_be_written_to(session, conversation):
            raise CannotWrite
        if conversation.staff_id not in (None, staff):
            raise TakenByColleague(session.get_one(Staff, conversation.staff_id).name)
        if conversation.staff_id is None:
            conversation.staff_id = staff
            write_audit(session, actor_of(staff), "conversation.taken_over", "conversation", conversation.id)


def can_be_written_to(session: Session, conversation: Conversation) -> bool:
    """Whether what staff write would reach somebody, and may."""
    return (conversation.channel in _CHANNELS and conversation.status != WRONG_PERSON
            and not is_suppressed(session, conversation.phone_index))


def write(store: Store, conversation_id: UUID, staff: int, key: UUID, words: str) -> None:
    """Keeps what a person wrote, once per ``key``; it leaves when ten seconds are over.

    Raises CaseUnknown, NothingWritten, NotSteppedIn, CannotWrite. Nothing is kept then.
    """
    text = clean(words).strip()
    if not text or len(text) > LONGEST:
        raise NothingWritten
    with store.transaction() as session:
        conversation = _mine(session, conversation_id, staff)
        if not can_be_written_to(session, conversation):
            raise CannotWrite
        if session.get(StaffText, key) is not None:
            return
        session.add(StaffText(id=key, conversation_id=conversation.id, staff_id=staff, text=text))
        write_audit(session, actor_of(staff), "text.written", "conversation", conversation.id)
        session.flush()
        # Without a lock: for ten seconds it must hold back no turn, a family's words of danger least of all.
        defer(session, SEND_STAFF_TEXT, None, after=UNDO, staff_text_id=key)


def take_back(store: Store, staff_text_id: UUID, staff: int) -> str:
    """Takes back what has not left yet, and returns its words. Raises NotSteppedIn for another's or an unknown text, TooLate."""
    with store.transaction() as session:
        written = session.get(StaffText, staff_text_id, with_for_update=True)
        if written is None or written.staff_id != staff:
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
    staff = session.get_one(Staff, written.staff_id)
    name = first_name(staff)
    begins = not _spoke_last_among_us(session, conversation, written)
    words, language = content.messages, _language(conversation)
    if conversation.channel == "web":
        if begins:
            say_unasked(session, conversation, Reply(words.system("staff_here", language, name=name)), speaker="system")
        message = say_unasked(session, conversation, Reply(written.text), speaker="staff", payload={WRITER: name})
    else:
        before = words.system("staff_here", language, name=name) if begins else f"{name}:"
        message = say_unasked(session, conversation, Reply(f"{before} {written.text}"), speaker="staff", payload={WRITER: name})
    written.message_id = message.id


def _spoke_last_among_us(session: Session, conversation: Conversation, written: StaffText) -> bool:
    """Whether the last thing that we said was written by the same person, so that they need not be introduced again."""
    last = session.scalar(select(Message.id).where(Message.conversation_id == conversation.id, Message.direction == "outbound")
                          .order_by(Message.seq.desc()).limit(1))
    writer = select(StaffText.staff_id).where(StaffText.message_id == last)
    return last is not None and session.scalar(writer) == written.staff_id


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
    said = content.messages.system("staff_gone", _language(conversation), name=name)
    question = last_question(session, conversation)
    if question is None or question.expects is None:
        say_unasked(session, conversation, Reply(said), speaker="system")
        return
    conversation.expects_kind, conversation.expects_id = question.expects.kind.value, question.expects.id
    say_unasked(session, conversation, question.again_after(said), speaker="bot")


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


def _language(conversation: Conversation) -> Language:
    return "es" if conversation.language == "es" else "en"


def new_key() -> UUID:
    """A key for one text to be written, so that a form sent twice is one text."""
    return uuid4()
