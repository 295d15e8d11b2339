"""Staff open a case for a family that phoned: what they typed is read, checked whole, and kept like a conversation.

The worry stands as the family's message, so that the flag, the queue and the case page show it as they show any other. Who
agreed, how and when goes into the ledger of consents, and the referral follows the same rules as the agent's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from intake.content.bilingual import LANGUAGES
from intake.content.library import Content
from intake.content.messages import Messages
from intake.rules.concerns import ConcernDomain
from intake.rules.interview import Kind
from intake.rules.names import LONGEST_NAME
from intake.rules.phoned import Born, HowAgreed, PhonedProblem, read_birth
from intake.rules.referral import MoveSource, ReferralStatus
from intake.rules.relation import GUARDIAN
from intake.rules.routing import ProgramFit, programs_for
from intake.rules.text import clean
from intake.rules.triage import triage
from intake.store.audit import write_audit
from intake.store.connection import Store
from intake.store.models import Child, Concern, Consent, Conversation, Family, Message, PracticeCase, Referral
from intake.usecases.agreed_by_phone import WORDS_READ_OUT
from intake.usecases.asking import FINISHED
from intake.usecases.casework import FormUsed
from intake.usecases.contact import read_phone
from intake.usecases.flags import raise_flag
from intake.usecases.referral_steps import Step, begin, take_step
from intake.usecases.routing import new_receipt_number
from intake.usecases.staff import actor_of
from intake.usecases.told_to_staff import flag_danger_told

PHONE_CHANNEL = "phone"
WORRY_LIMIT = 2_000  # characters
_BY_STAFF = "staff"


@dataclass(frozen=True)
class Typed:
    """The form as it was typed; nothing here is checked."""

    child_name: str = ""
    birth_date: str = ""
    age_months: str = ""
    worry: str = ""
    domains: tuple[str, ...] = ()
    contact_name: str = ""
    relation: str = ""
    phone: str = ""
    best_time: str = ""
    language: str = ""
    agreed: str = ""
    how_agreed: str = ""


@dataclass(frozen=True)
class PhonedFamily:
    """What a family told on the phone, checked."""

    child_name: str
    born: Born
    worry: str
    domains: frozenset[ConcernDomain]
    contact_name: str
    relation: str
    phone: str
    best_time: str | None
    language: Literal["en", "es"]
    how_agreed: HowAgreed


def read_typed(typed: Typed, messages: Messages, today: date) -> PhonedFamily | Mapping[str, PhonedProblem]:
    """What was typed, or what is wrong with it, by field."""
    born, phone = _born(typed, today), read_phone(typed.phone)
    child, contact = _one_line(typed.child_name), _one_line(typed.contact_name)
    worry, domains = clean(typed.worry), frozenset(d for d in ConcernDomain if d in typed.domains)
    wrong: dict[str, PhonedProblem | None] = {
        "child_name": _name_problem(child), "birth": born if isinstance(born, PhonedProblem) else None,
        "worry": _worry_problem(worry), "contact_name": _name_problem(contact),
        "relation": _unless_chosen(typed.relation, _codes(messages, Kind.RELATION)),
        "phone": None if phone else PhonedProblem.NO_PHONE,
        "best_time": _unless_chosen(typed.best_time, {"", *_codes(messages, Kind.BEST_TIME)}),
        "language": _unless_chosen(typed.language, set(LANGUAGES)),
        "consent": _consent_problem(typed)}
    found = {field: problem for field, problem in wrong.items() if problem is not None}
    if found or isinstance(born, PhonedProblem) or phone is None:
        return found
    return PhonedFamily(child, born, worry, domains, contact, typed.relation, phone, typed.best_time or None,
                        "es" if typed.language == "es" else "en", HowAgreed(typed.how_agreed))


def _born(typed: Typed, today: date) -> Born | PhonedProblem:
    months = typed.age_months.strip()
    if months and not (months.isascii() and months.isdigit() and len(months) < 4):
        return PhonedProblem.BIRTH_NOT_READ
    try:
        day = date.fromisoformat(typed.birth_date.strip()) if typed.birth_date.strip() else None
    except ValueError:
        return PhonedProblem.BIRTH_NOT_READ
    return read_birth(day, int(months) if months else None, today)


def _one_line(typed: str) -> str:
    return " ".join(clean(typed).split())


def _name_problem(name: str) -> PhonedProblem | None:
    if not any(letter.isalpha() for letter in name):
        return PhonedProblem.NAME_MISSING
    return PhonedProblem.NAME_TOO_LONG if len(name) > LONGEST_NAME else None


def _worry_problem(worry: str) -> PhonedProblem | None:
    if not any(letter.isalpha() for letter in worry):
        return PhonedProblem.WORRY_MISSING
    return PhonedProblem.WORRY_TOO_LONG if len(worry) > WORRY_LIMIT else None


def _consent_problem(typed: Typed) -> PhonedProblem | None:
    if typed.agreed != "yes":
        return PhonedProblem.NOT_AGREED
    return None if typed.how_agreed in set(HowAgreed) else PhonedProblem.HOW_NOT_SAID


def _unless_chosen(typed: str, codes: set[str]) -> PhonedProblem | None:
    return None if typed in codes else PhonedProblem.NOT_CHOSEN


def _codes(messages: Messages, kind: Kind) -> set[str]:
    return {ready.code for ready in messages.choices[kind]}


# keeping it


def open_case(store: Store, content: Content, told: PhonedFamily, *, today: date, staff: int, form_key: UUID,
              practice: bool = False) -> UUID:
    """Opens the case, once for each form, and returns its conversation. Raises FormUsed when the form has opened another.

    The worry is read for danger like a text (``told_to_staff``). In ``practice`` the family is a made-up one of this person, and
    is found by no phone.
    """
    with store.transaction() as session:
        session.execute(text("select pg_advisory_xact_lock(:key)"),
                        {"key": int.from_bytes(form_key.bytes[:8], "big", signed=True)})
        public_id = f"{PHONE_CHANNEL}-{form_key.hex}"
        known = session.scalar(select(Conversation).where(Conversation.public_id == public_id))
        if known is not None:
            _check_same(session, known, told, practice)
            return known.id
        index = None if practice else store.keys.phone_index(told.phone)
        conversation = _conversation(session, told, public_id, index, practice)
        if practice:
            session.add(PracticeCase(conversation_id=conversation.id, staff_id=staff))
        conversation.receipt_number = new_receipt_number(content.messages.affiliate.receipt_prefix)
        message = _worry(session, conversation, told)
        _flag(session, conversation, told, message)
        flag_danger_told(session, content, conversation, told.worry, message.id)
        consent = Consent(family_id=conversation.family_id, conversation_id=conversation.id, kind="contact", given=True,
                          source=told.how_agreed.value, words_shown=WORDS_READ_OUT, phone_index=index, message_id=message.id)
        session.add(consent)
        session.flush()
        write_audit(session, actor_of(staff), "case.opened", "conversation", conversation.id, detail=told.how_agreed.value)
        fits = programs_for(told.born.day, today, doors=content.programs.doors, in_area=None, concerns=told.domains, flagged=True)
        _refer(session, conversation, told, consent, fits, actor_of(staff))
        return conversation.id


def _check_same(session: Session, known: Conversation, told: PhonedFamily, practice: bool) -> None:
    """A form sent twice is one case; one that was filled in anew is another family, which must not get lost."""
    words = session.scalar(select(Concern.words).where(Concern.conversation_id == known.id).limit(1))
    name = known.child.name if known.child else None
    if (name, known.family.phone, words, known.practice) != (told.child_name, told.phone, told.worry, practice):
        raise FormUsed(known.id)


def _conversation(session: Session, told: PhonedFamily, public_id: str, index: bytes | None,
                  practice: bool) -> Conversation:
    family = Family(language=told.language, relation=told.relation, contact_name=told.contact_name, phone=told.phone,
                    phone_index=index, best_time=told.best_time, practice=practice)
    child = Child(family=family, name=told.child_name, birth_date=told.born.day, birth_is_exact=told.born.exact)
    session.add_all([family, child])
    session.flush()
    # Without a phone of its own: no text goes out from here. The case is found by the family's number, the one to call.
    conversation = Conversation(
        public_id=public_id, family_id=family.id, child_id=child.id, channel=PHONE_CHANNEL, language=told.language,
        expects_kind=Kind.FREE.value, expects_id=FINISHED, last_seq=1, finished_at=datetime.now(UTC), practice=practice)
    session.add(conversation)
    session.flush()
    return conversation


def _worry(session: Session, conversation: Conversation, told: PhonedFamily) -> Message:
    """The worry as the family's message, and sorted under the domains that staff chose."""
    message = Message(conversation_id=conversation.id, seq=1, direction="inbound", speaker="you", text=told.worry,
                      language=told.language, state="done", done_at=datetime.now(UTC))
    session.add(message)
    session.flush()
    domains: list[str | None] = [domain.value for domain in sorted(told.domains)]
    for domain in domains or [None]:
        session.add(Concern(conversation_id=conversation.id, child_id=conversation.child_id, words=told.worry, domain=domain,
                            coded_by=_BY_STAFF, message_id=message.id))
    session.flush()
    return message


def _flag(session: Session, conversation: Conversation, told: PhonedFamily, message: Message) -> None:
    for reason in triage({}, None, told.domains, True, None).reasons:
        raise_flag(session, conversation, reason.code, reason.rule, reason.urgency, item=reason.item, message_id=message.id)


def _refer(session: Session, conversation: Conversation, told: PhonedFamily, consent: Consent, fits: Sequence[ProgramFit],
           actor: str) -> None:
    """The referral to the program that fits best, as the agent makes it; ready when a parent or guardian agreed (rule W6)."""
    for fit in fits[:1]:
        referral = Referral(conversation_id=conversation.id, child_id=conversation.child_id, program_id=fit.program_id,
                            reason_rule=fit.reason_rule, status=ReferralStatus.DRAFT.value, consent_id=consent.id)
        begin(session, referral, actor, MoveSource.FAMILY)
        if told.relation == GUARDIAN:
            take_step(session, referral, Step(ReferralStatus.READY, actor, MoveSource.FAMILY))
