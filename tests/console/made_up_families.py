"""Builds cases of made-up families as the agent would leave them, without a conversation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import count
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from intake.rules.referral import ReferralStatus
from intake.rules.triage import Urgency
from intake.store.connection import Store
from intake.store.encryption import KeyRing
from intake.store.models import (
    Answer,
    Child,
    Concern,
    Consent,
    Conversation,
    Family,
    Flag,
    Message,
    Referral,
    ReferralMove,
)

PHONE = "+18605550142"
POINTS = "m18.social.points_to_show"
_GRAVEST_REASON = {
    Urgency.EMERGENCY: ("safety", "breathing_emergency"),
    Urgency.URGENT: ("lost_skill", None),
    Urgency.STANDARD: ("worry", "language_communication"),
}
_receipts = count(100)


@dataclass(frozen=True)
class MadeUpCase:
    """The ids a test needs."""

    conversation: UUID
    referral: UUID
    child: UUID
    first_message: UUID
    receipt: str


def a_case(
    store: Store,
    *,
    urgency: Urgency = Urgency.STANDARD,
    waiting: timedelta = timedelta(hours=2),
    child_name: str = "Mateo Luis",
    worry: str = "he only says two words",
    language: str = "en",
    channel: str = "sms",
    status: ReferralStatus = ReferralStatus.READY,
    flagged: bool = True,
) -> MadeUpCase:
    """One family with a child, a worry, a "not yet", consent to be called, a referral to Birth to Three."""
    at = datetime.now(UTC) - waiting
    with store.transaction() as session:
        conversation = _conversation(session, store.keys, child_name, language, channel, at)
        lines = _lines(session, conversation, worry, at)
        if flagged:
            conversation.flagged, conversation.flagged_at, conversation.urgency = True, at, urgency.value
            session.add_all([*_told(conversation, lines, at), *_flags(conversation, lines, at, urgency)])
        referral = _referral(session, conversation, lines[2], status, at)
        assert conversation.child_id is not None and conversation.receipt_number is not None
        return MadeUpCase(
            conversation.id, referral, conversation.child_id, lines[1].id, conversation.receipt_number
        )


def _conversation(
    session: Session, keys: KeyRing, child_name: str, language: str, channel: str, at: datetime
) -> Conversation:
    family = Family(
        language=language,
        relation="parent",
        contact_name="Rosa Delgado-Ortiz",
        phone=PHONE,
        phone_index=keys.phone_index(PHONE),
        best_time="morning",
        place="06106",
    )
    child = Child(family=family, name=child_name, birth_date=date(2025, 3, 4))
    session.add_all([family, child])
    session.flush()
    conversation = Conversation(
        public_id=uuid4().hex,
        family_id=family.id,
        child_id=child.id,
        channel=channel,
        language=language,
        receipt_number=f"HMG-T{next(_receipts)}",
        started_at=at,
        last_seq=3,
    )
    session.add(conversation)
    session.flush()
    return conversation


def _lines(session: Session, conversation: Conversation, worry: str, at: datetime) -> list[Message]:
    said = [("bot", "What worries you about your child?"), ("you", worry), ("you", "no he does not do that")]
    lines = [
        _message(conversation, seq, speaker, text, at + timedelta(minutes=seq - 1))
        for seq, (speaker, text) in enumerate(said, 1)
    ]
    session.add_all(lines)
    session.flush()
    return lines


def _referral(
    session: Session, conversation: Conversation, agreed: Message, status: ReferralStatus, at: datetime
) -> UUID:
    consent = Consent(
        family_id=conversation.family_id,
        conversation_id=conversation.id,
        kind="contact",
        given=True,
        source=conversation.channel,
        words_shown="introduction-1",
        message_id=agreed.id,
        at=at,
    )
    referral = Referral(
        conversation_id=conversation.id,
        child_id=conversation.child_id,
        program_id="birth_to_three",
        reason_rule="R1",
        status=status.value,
        moves=[ReferralMove(from_status=None, to_status=status.value, actor="agent", source="agent", at=at)],
    )
    session.add_all([consent, referral])
    session.flush()
    referral.consent_id = consent.id
    return referral.id


def _message(conversation: Conversation, seq: int, speaker: str, text: str, at: datetime) -> Message:
    inbound = speaker == "you"
    return Message(
        conversation_id=conversation.id,
        seq=seq,
        direction="inbound" if inbound else "outbound",
        speaker=speaker,
        text=text,
        language=conversation.language,
        created_at=at,
        state="done" if inbound else "delivered",
    )


def _told(conversation: Conversation, lines: list[Message], at: datetime) -> list[Concern | Answer]:
    about = {"conversation_id": conversation.id, "child_id": conversation.child_id, "created_at": at}
    worry, answer = lines[1], lines[2]
    return [
        Concern(**about, domain="language_communication", words=worry.text, message_id=worry.id),
        Answer(**about, item=POINTS, value="not_yet", own_words=answer.text, message_id=answer.id),
    ]


def _flags(conversation: Conversation, lines: list[Message], at: datetime, urgency: Urgency) -> list[Flag]:
    code, item = _GRAVEST_REASON[urgency]
    about = {"conversation_id": conversation.id, "raised_at": at}
    return [
        Flag(**about, code=code, item=item, rule="T2", urgency=urgency.value, message_id=lines[1].id),
        Flag(**about, code="not_yet", item=POINTS, rule="T1", urgency="standard", message_id=lines[2].id),
    ]
