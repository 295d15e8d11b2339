"""Writes what is said to a parent: reply rows, the message they answer, and the job that delivers them, in one transaction.

A reply is unique by the message it answers and its place in the answer, so an answer written twice is one answer.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from intake.content.library import Content
from intake.rules.interview import Expects, Kind
from intake.rules.outreach import OF_REFERRALS, OutreachKind
from intake.rules.sms_text import Accents, as_sms
from intake.rules.taken import Taken
from intake.rules.triage import Urgency
from intake.store.connection import Store
from intake.store.jobs import DELIVER, defer, delivery_lock
from intake.store.models import Conversation, Message, Outreach
from intake.usecases.discretion import DISCREET, is_discreet, latest_danger
from intake.usecases.flags import raise_flag
from intake.usecases.receiving import WEB, next_seq
from intake.usecases.sendings import DANGER, STAFF, first_sending, first_state
from intake.usecases.sms_size import fits
from intake.usecases.suppression import CONFIRMS_OPT_OUT, OPT_OUT

NOT_SAVED_POSITION = -1  # the one honest line before the answer itself
TRIES_BEFORE_TELLING = 3
AFTER_SAFETY_ID = "after_safety"
LOOKED_BACK_AT = 50  # of our texts, to find the question that was open before a danger
REFUSED = "refused"  # the status of a conversation whose parent did not agree to go on


@dataclass(frozen=True)
class Reply:
    """One thing said: its ``text``, and with the last one what is open next and the ready ``choices``.

    ``question`` is the question alone where the text says something else before it; ``progress`` is what is then reached (the
    number of the question, of how many, minutes left).
    """

    text: str
    expects: Expects | None = None
    choices: list[dict[str, str]] = field(default_factory=list)
    question: str | None = None
    progress: dict[str, int] | None = None

    def again_after(self, said: str) -> Reply:
        """``said``, then this question once more; what was said before it the last time is not repeated."""
        question = self.question or self.text
        return replace(self, text=f"{said}\n{question}".strip(), question=question)


def reply_plainly(session: Session, conversation: Conversation, message: Message, reply: Reply, *,
                  payload: dict[str, Any] | None = None, speaker: str = "system", purpose: str | None = None,
                  taken: Taken | None = None) -> None:
    """Answers ``message`` with one reply and marks it done. ``purpose`` says why the text may pass where others wait."""
    _write(session, conversation, message, 0, reply, speaker=speaker, extra=payload, purpose=purpose)
    mark_done(message, taken)


def reply_in_order(session: Session, conversation: Conversation, message: Message, replies: Sequence[Reply]) -> None:
    """Answers ``message`` with several messages, in order, and marks it done."""
    for position, reply in enumerate(replies):
        _write(session, conversation, message, position, reply, speaker="system")
    mark_done(message)


def say_unasked(session: Session, conversation: Conversation, reply: Reply, *, speaker: str,
                payload: dict[str, Any] | None = None) -> Message:
    """Says one thing that answers no message: what a person of the team writes, and what is said around it."""
    by_sms = conversation.channel == "sms"
    message = Message(
        id=uuid4(), conversation_id=conversation.id, seq=next_seq(session, conversation.id), direction="outbound",
        speaker=speaker, text=reply.text, state=first_state(conversation, by_sms=by_sms), language=conversation.language,
        purpose=STAFF, payload=_payload(reply) | (payload or {}))
    session.add(message)
    session.flush()
    if by_sms and not conversation.practice:
        defer(session, DELIVER, delivery_lock(conversation.id), message_id=message.id)
    return message


def _payload(reply: Reply) -> dict[str, Any]:
    expects = reply.expects
    return {"expects": None if expects is None else {"kind": expects.kind.value, "id": expects.id},
            "choices": reply.choices, "progress": reply.progress, **({"question": reply.question} if reply.question else {})}


def came_by(conversation: Conversation, message: Message) -> str:
    """The channel that ``message`` came by: a conversation begun by text may be gone on with on the web."""
    return "web" if (message.provider_id or "").startswith(WEB) else conversation.channel


def was_just_said(session: Session, conversation: Conversation, text: str) -> bool:
    """Whether ``text`` is the last thing that was said in this conversation."""
    last = session.scalar(select(Message).where(Message.conversation_id == conversation.id, Message.direction == "outbound")
                          .order_by(Message.seq.desc()).limit(1))
    return last is not None and last.text == text


def mark_done(message: Message, taken: Taken | None = None) -> None:
    """The message has been dealt with; ``taken`` is kept where a rule did it that leaves no other trace."""
    message.state, message.done_at = "done", datetime.now(UTC)
    if taken is not None:
        message.understood = {**(message.understood or {}), "rule": taken.value}


def finish_turn(store: Store, message_id: UUID, texts: Sequence[str], receipt: dict[str, Any],
                understood: dict[str, Any], *, first_line: str | None = None, accents: Accents = "keep",
                afterwards: Callable[[Session, Conversation], object] | None = None) -> None:
    """Stores the engine's answer and marks the message, and those read with it, done; a turn that is done stays as it is.

    ``afterwards`` is done in the same transaction: the next text that we start is planned there.
    """
    with store.transaction() as session:
        message = session.get_one(Message, message_id, with_for_update=True)
        if message.state != "received":
            return
        conversation = session.get_one(Conversation, message.conversation_id)
        message.understood = understood
        together = [message, *session.scalars(select(Message).where(Message.read_with == message.id))]
        said = [first_line, *texts] if first_line and texts else texts
        purpose = DANGER if (receipt.get("expects") or {}).get("id") == AFTER_SAFETY_ID else None
        extra = {DISCREET: True} if purpose and is_discreet(latest_danger(session, conversation.id)) else None
        for position, reply in enumerate(_replies(came_by(conversation, message), said, receipt, accents)):
            _write(session, conversation, message, position, reply, speaker="bot", extra=extra, purpose=purpose)
        for one in together:
            mark_done(one)
            if conversation.status == REFUSED:  # nothing is kept of what somebody wrote who did not agree
                one.text, one.original, one.understood = "", None, None
        if afterwards is not None:
            afterwards(session, conversation)


def _replies(channel: str, texts: Sequence[str], receipt: dict[str, Any], accents: Accents) -> list[Reply]:
    """The answer as separate messages: on the web one per line said, by SMS as few texts as hold it."""
    expects = receipt.get("expects")
    last = Expects(Kind(expects["kind"]), expects["id"]) if expects else None
    parts = list(texts) if channel == "web" else joined(texts, accents)
    replies = [Reply(part) for part in parts[:-1]]
    asks = int(receipt.get("asks") or 0)
    question = "\n".join(texts[-asks:]) if last and asks else None
    if texts and last is not None and last.id == AFTER_SAFETY_ID:  # the lines about danger end with their question
        question = texts[-1].rsplit("\n", 1)[-1]
    if not parts:
        return []
    return [*replies, Reply(parts[-1], last, receipt.get("choices") or [], question, receipt.get("progress"))]


def joined(texts: Sequence[str], accents: Accents = "keep") -> list[str]:
    """``texts`` put together, a line each, into as few text messages as hold them in order, counted as they will leave.

    A line too long for one message is cut between two words.
    """
    messages: list[str] = []
    for piece in (piece for text in texts for piece in _pieces(text, accents)):
        together = f"{messages[-1]}\n{piece}" if messages else piece
        if messages and fits(as_sms(together, accents)):
            messages[-1] = together
        else:
            messages.append(piece)
    return messages


def _pieces(text: str, accents: Accents) -> Iterator[str]:
    while not fits(as_sms(text, accents)):
        most = bisect_left(range(1, len(text)), True, key=lambda length: not fits(as_sms(text[:length], accents)))
        end = text[:most + 1].rfind(" ")
        cut = end if end > 0 else most
        yield text[:cut].rstrip()
        text = text[cut:].lstrip()
    if text:
        yield text


def _write(session: Session, conversation: Conversation, message: Message, position: int, reply: Reply, *, speaker: str,
           extra: dict[str, Any] | None = None, purpose: str | None = None) -> None:
    by_sms = came_by(conversation, message) == "sms"
    payload = {**_payload(reply), **(extra or {})}
    row = {"id": uuid4(), "conversation_id": conversation.id, "seq": next_seq(session, conversation.id),
           "direction": "outbound", "speaker": speaker, "text": reply.text, "state": first_state(conversation, by_sms=by_sms),
           "in_reply_to": message.id, "position": position, "payload": payload, "language": conversation.language,
           "purpose": purpose}
    stored = session.execute(insert(Message).values(row).on_conflict_do_nothing(constraint="uq_message_in_reply_to_position")
                             .returning(Message.id)).scalar()
    if stored is not None and by_sms and not conversation.practice:
        # What may pass where others wait has no lock: an older text that waits, or is being looked up, must not hold it up.
        passes = purpose in (DANGER, OPT_OUT) or CONFIRMS_OPT_OUT in payload
        defer(session, DELIVER, None if passes else delivery_lock(conversation.id), message_id=row["id"])


def last_question(session: Session, conversation: Conversation) -> Reply | None:
    """The last thing asked in this conversation, with its ready answers; what staff wrote since asks nothing.

    A follow-up that has no answer yet is the last thing asked, unless a reminder spoke of the open question after it.
    """
    query = (select(Message).where(Message.conversation_id == conversation.id, Message.direction == "outbound",
                                   Message.speaker != "staff")
             .order_by(Message.seq.desc()).limit(8))
    reminded = False
    for message in session.scalars(query):
        reminded = reminded or message.purpose == OutreachKind.REMINDER
        if message.purpose in OF_REFERRALS and not reminded and _waits_for_answer(session, message):
            return Reply(message.text)
        if (message.payload or {}).get("expects"):
            return _reply_of(message)
    return None


def question_put_as(session: Session, conversation: Conversation, expects: Expects) -> Reply | None:
    """The last thing said that asked ``expects``, with its ready answers; None when it is not found among the last ones."""
    query = (select(Message).where(Message.conversation_id == conversation.id, Message.direction == "outbound",
                                   Message.speaker != "staff")
             .order_by(Message.seq.desc()).limit(LOOKED_BACK_AT))
    asked = {"kind": expects.kind.value, "id": expects.id}
    found = next((row for row in session.scalars(query) if (row.payload or {}).get("expects") == asked), None)
    return None if found is None else _reply_of(found)


def _reply_of(message: Message) -> Reply:
    payload = message.payload or {}
    expects = payload["expects"]
    return Reply(message.text, Expects(Kind(expects["kind"]), expects["id"]), payload.get("choices") or [],
                 payload.get("question"), payload.get("progress"))


def _waits_for_answer(session: Session, started: Message) -> bool:
    query = select(Outreach.id).where(Outreach.message_id == first_sending(session, started).id, Outreach.state == "sent")
    return started.state not in ("canceled", "failed") and session.scalar(query.limit(1)) is not None


def record_failed_try(store: Store, content: Content, message_id: UUID) -> int:
    """Counts a failed try; at the third the parent is told honestly that it is not saved yet and staff are called.

    Returns the number of tries so far. The message stays open and is taken again until it is done.
    """
    with store.transaction() as session:
        message = session.get_one(Message, message_id, with_for_update=True)
        message.tries += 1
        if message.state == "received" and message.tries == TRIES_BEFORE_TELLING:
            conversation = session.get_one(Conversation, message.conversation_id)
            language = (message.context or {}).get("language", conversation.language)
            said = content.messages.system("not_saved_yet", "es" if language == "es" else "en")
            if conversation.expects_id == AFTER_SAFETY_ID and not is_discreet(latest_danger(session, conversation.id)):
                said = f"{said}\n{content.safety.fallback.in_language('es' if language == 'es' else 'en')}"  # D11
            _write(session, conversation, message, NOT_SAVED_POSITION, Reply(said), speaker="system")
            raise_flag(session, conversation, "not_saved", "R5", Urgency.STANDARD, message_id=message.id)
        return message.tries
