"""Makes the talk of a made-up family by the same deeds and rules as any other: flags, worries, referrals are as in life.

No engine takes part: the content says how each line is understood, and what the agent says is read from its own lines.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from functools import partial
from uuid import UUID, uuid4

from intake.content.bilingual import Bilingual
from intake.content.library import Content
from intake.content.practice import START, PracticeFamily, Told
from intake.rules.interview import Expects, Kind
from intake.store.connection import Store
from intake.store.models import Conversation, Message
from intake.usecases import about_child, closing, confirm, consent, contact, danger, milestones, optional_facts, worry
from intake.usecases.about_child import Birth
from intake.usecases.outcome import Line, Outcome
from intake.usecases.receiving import OPENING, next_seq
from intake.usecases.replying import finish_turn
from intake.usecases.scene import Scene, Turn
from intake.usecases.somebody_else import ANSWERING
from intake.usecases.turns import Desk

Deed = Callable[[Scene], Expects | None]
STEP = "practice"
_MOST_TURNS = 80
_ORDINARY = {"en": Told(says="yes", reply="yes"), "es": Told(says="sí", reply="yes")}


@dataclass(frozen=True)
class Script:
    """What a made-up talk is made of: the content, the agent's ``lines`` by name, the family, and today."""

    content: Content
    lines: Mapping[str, Bilingual]
    family: PracticeFamily
    today: date


def hold_talk(store: Store, script: Script, conversation_id: UUID, public_id: str) -> None:
    """Says everything that the family tells, each answered as in life, up to the first question that it does not answer."""
    expects: Expects | None = None
    asked = 0
    for _ in range(_MOST_TURNS):
        told = _told(script.family, expects, asked)
        if told is None:
            return
        asked += expects is not None and expects.kind is Kind.MILESTONE
        expects = _turn(store, script, conversation_id, public_id, told, expects)
        if expects is None or expects.kind is Kind.FREE:
            return


def _told(family: PracticeFamily, expects: Expects | None, asked: int) -> Told | None:
    """What the family says to the open question; a milestone that the content does not name is an ordinary yes."""
    if expects is None:
        return family.told.get(START)
    if expects.kind is not Kind.MILESTONE:
        return family.told.get(expects.item)
    if family.milestones_answered is not None and asked >= family.milestones_answered:
        return None
    return family.milestones.get(expects.milestone or "", _ORDINARY[family.language])


def _turn(store: Store, script: Script, conversation_id: UUID, public_id: str, told: Told,
          expects: Expects | None) -> Expects | None:
    family = script.family
    message_id = _arrives(store, conversation_id, told, family, first=expects is None)
    turn = Turn(public_id, message_id, told.says, family.language, family.channel, expects, script.today)
    deed = danger.heeding(_deed(told, expects), told.danger, list(told.concerns))
    outcome = Desk(store, script.content).take_step(turn, STEP, deed)
    after = outcome.expects
    receipt = {"receipt": str(message_id), "asks": outcome.asks,
               "choices": [{"label": choice.label, "text": choice.text} for choice in outcome.choices],
               "expects": None if after is None else {"kind": after.kind.value, "id": after.id},
               "progress": None if outcome.progress is None else asdict(outcome.progress)}
    texts = [_in_words(script, outcome, line) for line in outcome.lines]
    finish_turn(store, message_id, texts, receipt, {"intent": told.reply})
    return after


def _arrives(store: Store, conversation_id: UUID, told: Told, family: PracticeFamily, *, first: bool) -> UUID:
    """The family's message, without a job that would answer it. A web chat begins before anybody has written."""
    with store.transaction() as session:
        message = Message(
            id=uuid4(), conversation_id=conversation_id, seq=next_seq(session, conversation_id, inbound=True),
            direction="inbound", speaker="you", text=told.says, language=family.language, state="received",
            provider_id=f"{OPENING}{conversation_id}" if first and family.channel == "web" else None)
        session.add(message)
        return message.id


def _in_words(script: Script, outcome: Outcome, line: Line) -> str:
    language = outcome.language
    child = outcome.child_name or script.content.messages.system("child_unnamed", language)
    known = {**script.content.named(language), "child": child}
    return script.lines[line.name].in_language(language).format(**{**known, **line.variables})


def _deed(told: Told, expects: Expects | None) -> Deed:
    concerns = [domain.value for domain in told.concerns]
    if expects is None:
        return partial(consent.begin, concerns=concerns)
    if expects in ANSWERING:
        answering = ANSWERING[expects]
        return lambda scene: answering(scene, told.reply)
    deeds: dict[Kind, Deed] = {
        Kind.CONSENT: consent.give_consent if told.reply == "yes" else consent.refuse_consent,
        Kind.RELATION: about_child.tell_relation, Kind.CHILD_NAME: about_child.tell_child_name,
        Kind.BIRTH_DATE: partial(about_child.tell_birth_date, birth=Birth(months=told.months)),
        Kind.EARLY_BIRTH: partial(about_child.tell_early_birth, reply=told.reply, weeks_early=None),
        Kind.WORRY: partial(worry.tell_worry, concerns=concerns, fine=[]) if told.reply == "inform" else worry.no_worry,
        Kind.LOST_SKILLS: partial(worry.tell_lost_skills, reply=told.reply, concerns=concerns),
        Kind.MILESTONE: partial(milestones.answer_milestone, reply=told.reply),
        Kind.CONFIRM_ANSWERS: confirm.confirm_answers,
        Kind.CONTACT_CONSENT: contact.agree_to_contact if told.reply == "yes" else contact.refuse_contact,
        Kind.CONTACT_NAME: contact.tell_contact_name, Kind.PHONE: contact.keep_phone,
        Kind.BEST_TIME: partial(contact.tell_best_time, reply=told.reply),
        Kind.NEEDS_MET: partial(closing.tell_needs_met, reply=told.reply)}
    fact = optional_facts.skip_fact if told.reply == "skip" else partial(optional_facts.tell_fact, reply=told.reply)
    return deeds.get(expects.kind, fact)


def new_practice_conversation(family: PracticeFamily, family_id: UUID) -> Conversation:
    """The row of a made-up conversation in which nothing was said yet; it has no phone and never can have one."""
    return Conversation(id=uuid4(), public_id=f"{STEP}-{uuid4().hex}", family_id=family_id, channel=family.channel,
                        language=family.language, practice=True)
