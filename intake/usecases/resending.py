"""What follows when a text was refused or did not arrive: it is sent anew later, or staff are told, or nobody is texted any more.

A text that is sent anew is a row of its own that names the one before it; it leaves only while nothing newer was said.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from intake.rules.sms_errors import TABLE, Next, meaning_of, pause_before_resending
from intake.rules.triage import Urgency
from intake.store.jobs import DELIVER, defer
from intake.store.models import Conversation, Message
from intake.usecases.alarms import FILTERED, UNDELIVERED, open_alarms, raise_alarm
from intake.usecases.discretion import is_said_discreetly
from intake.usecases.flags import raise_flag
from intake.usecases.outreach import STARTED
from intake.usecases.receiving import WRONG_PERSON, next_seq
from intake.usecases.sendings import ASKS_PHONE, DANGER, first_sending, sendings
from intake.usecases.suppression import confirms_opt_out, suppress

RESEND = "resend"  # the purpose of a reply that is sent anew; a text that we started keeps its own, and its rules
MOST_FILTERED = 0.01  # of a day's texts (Twilio's own advice is to look at 1 % and more)
_DAY = timedelta(hours=24)
_FILTERED_CODES = tuple(code for code, meaning in TABLE.items() if meaning.next is Next.DO_NOT_REPEAT)


def settle_failure(session: Session, conversation: Conversation, message: Message, code: str | None) -> None:
    """Does what the table says for ``code``, once the text's end is ``failed`` or ``undelivered``.

    Both must be locked already, the conversation first.
    """
    follow_carrier(session, conversation, code)
    meaning = meaning_of(code)
    if meaning.next is Next.HALT:
        raise_alarm(session, f"{UNDELIVERED}{code}")
    if meaning.next is Next.DO_NOT_REPEAT:
        _count_filtered(session)
    if meaning.next is Next.SUPPRESS or confirms_opt_out(message):
        return
    first = first_sending(session, message)
    if first.purpose == DANGER or is_said_discreetly(first):  # nobody waits for further tries before a person knows
        tell_staff(session, conversation, message)
    if not is_superseded(session, first) and not _send_anew(session, conversation, message, code):
        tell_staff(session, conversation, message)


def follow_carrier(session: Session, conversation: Conversation, code: str | None) -> None:
    """Our own list follows when the carrier says that this phone wants, or may get, no texts."""
    meaning = meaning_of(code)
    if meaning.next in (Next.SUPPRESS, Next.STOP) and conversation.phone_index is not None:
        suppress(session, conversation.phone_index, "carrier", None)


def tell_staff(session: Session, conversation: Conversation, message: Message) -> None:
    """Staff see that a text did not reach the family; once, while the flag stands. A phone that was only asked is no family's."""
    if message.purpose == ASKS_PHONE:
        return
    raise_flag(session, conversation, "not_delivered", "R5", Urgency.STANDARD, message_id=message.id)


def is_superseded(session: Session, first: Message) -> bool:
    """Whether the family has written, or something else was answered, since ``first``: its words would only confuse.

    What is said about danger is never out of date, unless somebody else has the phone, or it is about violence at home: then
    it would light up hours later, in whoever's hand. A question to a phone is asked once.
    """
    if is_said_discreetly(first):
        return True
    if session.get_one(Conversation, first.conversation_id).status == WRONG_PERSON or first.purpose == ASKS_PHONE:
        return True
    if first.purpose == DANGER:
        return False
    another_answer = Message.in_reply_to.is_not(None) & Message.in_reply_to.is_distinct_from(first.in_reply_to)
    newer = select(Message.id).where(Message.conversation_id == first.conversation_id, Message.seq > first.seq,
                                     (Message.direction == "inbound") | another_answer)
    return session.scalar(newer.limit(1)) is not None


def reached_meanwhile(session: Session, message: Message) -> bool:
    """Whether one of the texts before this one was delivered after all; receipts come late and out of order."""
    return any(earlier.state == "delivered" for earlier in sendings(session, message)[1:])


def _send_anew(session: Session, conversation: Conversation, message: Message, code: str | None) -> bool:
    """Writes the text once more and defers it; False when it has been sent often enough.

    The job has no lock: for hours it must hold back none of the conversation's other texts.
    """
    pause = pause_before_resending(code, len(sendings(session, message)) - 1)
    if pause is None:
        return False
    anew = Message(id=uuid4(), conversation_id=conversation.id, seq=next_seq(session, conversation.id), direction="outbound",
                   speaker=message.speaker, text=message.text, language=message.language, payload=message.payload,
                   state="queued", purpose=message.purpose if message.purpose in STARTED else RESEND, resend_of=message.id)
    session.add(anew)
    session.flush()
    defer(session, DELIVER, None, after=pause, message_id=anew.id)
    return True


def _count_filtered(session: Session) -> None:
    """Raises an alarm when more than one in a hundred of a day's texts was filtered; while it stands nothing is counted."""
    if any(alarm.code == FILTERED for alarm in open_alarms(session)):
        return
    since = datetime.now(UTC) - _DAY
    filtered = func.count().filter(Message.error_code.in_(_FILTERED_CODES))
    query = select(filtered, func.count()).where(Message.direction == "outbound", Message.attempted_at >= since)
    of_these, of_all = session.execute(query).one()
    if of_these > MOST_FILTERED * of_all:
        raise_alarm(session, FILTERED)
