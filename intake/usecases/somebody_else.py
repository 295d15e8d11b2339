"""The short way of a relative, a doctor, a teacher: who may refer, while only the parent or guardian may accept.

Rule W6 (https://www.birth23.org/). Nothing of what they tell moves before the parent's yes: the referral stays a draft without
any consent, and the case asks a person of the team to call the parent. The number of who writes is not the family's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from intake.rules.interview import (
    AGENCY,
    CALL_BACK,
    FAMILY,
    LEGAL_GUARDIAN,
    NO,
    OWN_NAME,
    PARENT_KNOWS,
    PARENT_PHONE,
    SKIP,
    YES,
    Expects,
    Kind,
    is_somebody_else,
)
from intake.rules.names import read_name
from intake.rules.receipts import read_receipt_number
from intake.rules.relation import GUARDIAN, Told
from intake.rules.triage import Urgency
from intake.rules.words import words_of
from intake.usecases.consent import record_consent
from intake.usecases.contact import FREE_TEXT_LIMIT, read_phone
from intake.usecases.flags import clear_flags_of, raise_flag
from intake.usecases.ready_answers import pick_answer, relation_reader
from intake.usecases.referred import PARENT_MUST_AGREE, join_by_phone, note_number
from intake.usecases.routing import make_referrals
from intake.usecases.scene import Scene

WILL_TELL_THEM = "tells_them"  # the answer of who hands our number on to the parent
_SAID_OUTRIGHT = 8  # words; a longer message tells more than who writes


def heeding(deed: Callable[[Scene], Expects | None]) -> Callable[[Scene], Expects | None]:
    """``deed``, unless the words are a case's number handed on, or say that the writer is the parent after all."""

    def deed_or_other(scene: Scene) -> Expects | None:
        told = is_the_parent_after_all(scene)
        if told is not None:
            return correct_relation(scene, told)
        number = read_receipt_number(scene.turn.text, scene.content.messages.affiliate.receipt_prefix)
        if number is not None and number != scene.conversation.receipt_number:
            return note_number(scene, number)
        return deed(scene)

    return deed_or_other


def keep_relation(scene: Scene, told: Told) -> None:
    """Keeps who writes; for who is not the parent the number that is texted from is none of the family's."""
    was_somebody_else = is_somebody_else(scene.answers())
    scene.answer(Kind.RELATION, told.code)
    scene.family.relation = told.code
    if told.code == GUARDIAN:
        if was_somebody_else:
            _becomes_the_parent(scene)
        join_by_phone(scene)
        return
    _forget_own_phone(scene)
    if told.code == FAMILY and told.guardian is None:
        return  # one question decides: are they the legal guardian?
    if told.code == FAMILY:
        scene.answer(LEGAL_GUARDIAN.item, NO)
    _say_who_may_agree(scene)


def _say_who_may_agree(scene: Scene) -> None:
    scene.say("others_relative" if scene.family.relation == FAMILY else "others_professional")


def _forget_own_phone(scene: Scene) -> None:
    if not scene.is_merged() and scene.family.phone == scene.conversation.phone:
        scene.family.phone = scene.family.phone_index = None


def _becomes_the_parent(scene: Scene) -> None:
    """What was told stays; the way is the parent's from here, and no call to somebody else is needed for a yes."""
    if not scene.is_merged() and scene.family.phone is None and scene.conversation.phone:
        scene.family.phone, scene.family.phone_index = scene.conversation.phone, scene.conversation.phone_index
    clear_flags_of(scene.session, scene.conversation, PARENT_MUST_AGREE)


def is_the_parent_after_all(scene: Scene) -> Told | None:
    """Who writes, when words that answer another question of the short way say outright that it is somebody else than told."""
    answers = scene.answers()
    if not is_somebody_else(answers) or scene.is_open(Kind.RELATION) or len(words_of(scene.turn.text)) > _SAID_OUTRIGHT:
        return None
    told = relation_reader(scene.content).says_of_oneself(scene.turn.text)
    return told if told is not None and told.code == GUARDIAN else None


def correct_relation(scene: Scene, told: Told) -> Expects | None:
    """Changes who writes ("actually I am the mother"): the way is another from here, and what was told is kept."""
    scene.say("relation_changed")
    keep_relation(scene, told)
    return None


def tell_guardianship(scene: Scene, reply: str) -> Expects | None:
    """A relative says whether they are the legal guardian; who is, goes the parent's way."""
    reader = relation_reader(scene.content)
    picked = pick_answer(scene, LEGAL_GUARDIAN.item)
    said = {YES: True, NO: False, "not_sure": False}.get(picked or "") if picked else reader.guardianship(scene.turn.text)
    if said is None:
        told = reader.says_of_oneself(scene.turn.text)
        said = {YES: True, NO: False, "not_sure": False, "sometimes": False}.get(reply) if told is None else told.code == GUARDIAN
    if said is None:
        scene.say("please_yes_or_no")
        return None
    scene.answer(LEGAL_GUARDIAN.item, YES if said else picked or NO)
    if said:
        keep_relation(scene, Told(GUARDIAN, True))
    else:
        _say_who_may_agree(scene)
    return None


def tell_parent_knows(scene: Scene, reply: str) -> Expects | None:
    """Whether the parent knows of this. From here the case has its number, and a draft that waits for the parent."""
    ready = {YES: YES, NO: NO, "sometimes": YES}.get(reply, SKIP)
    scene.answer(PARENT_KNOWS.item, pick_answer(scene, PARENT_KNOWS.item) or ready)
    make_referrals(scene, None)
    raise_flag(scene.session, scene.conversation, PARENT_MUST_AGREE, "W6", Urgency.STANDARD, message_id=scene.turn.message_id)
    return None


def tell_parent_phone(scene: Scene, reply: str) -> Expects | None:
    """How to reach the parent: their number, or ours to be handed on. We start no text to a number given by somebody else."""
    phone = read_phone(scene.turn.text)
    if phone is not None and phone == scene.conversation.phone:
        scene.say("others_own_number")
        return None
    if phone is not None:
        _keep_phone_of_family(scene, phone)
        scene.answer(PARENT_PHONE.item, phone)
        scene.say("others_we_call")
        return None
    if reply == YES or (any(letter.isdigit() for letter in scene.turn.text) and not pick_answer(scene, PARENT_PHONE.item)):
        scene.say("phone_not_understood")
        return None
    scene.answer(PARENT_PHONE.item, WILL_TELL_THEM)
    scene.say("others_hand_on", receipt=scene.conversation.receipt_number)
    return None


def _keep_phone_of_family(scene: Scene, phone: str) -> None:
    if scene.is_merged() and scene.family.phone is not None:
        return  # what the family told itself stands
    scene.family.phone = phone
    scene.family.phone_index = None if scene.family.practice else scene.phone_index(phone)


def tell_own_name(scene: Scene, reply: str) -> Expects | None:
    """The name of who tells us; a no or a skip leaves it out."""
    name = None if reply in (NO, SKIP) else read_name(scene.turn.text, scene.content.names)
    if name is None and reply not in (NO, SKIP):
        scene.say("name_not_understood")
        return None
    scene.answer(OWN_NAME.item, name or SKIP)
    return None


def tell_agency(scene: Scene, reply: str) -> Expects | None:
    """The clinic, school or program they write from, in their words; anything else leaves it out."""
    scene.answer(AGENCY.item, scene.turn.text[:FREE_TEXT_LIMIT] if reply == "inform" else SKIP)
    return None


def tell_call_back(scene: Scene, reply: str) -> Expects | None:
    """May the team call who told us: only on their yes, which goes into the ledger. Then the number of the case is said."""
    typed = read_phone(scene.turn.text)
    phone = typed or (scene.conversation.phone if reply == YES else None)
    if phone is None and (reply in (YES, "inform") or any(letter.isdigit() for letter in scene.turn.text)):
        scene.say("phone_not_understood")
        return None
    if phone is not None:
        record_consent(scene, "referrer", given=True)
    scene.answer(CALL_BACK.item, phone or NO)
    scene.say("others_receipt", receipt=scene.conversation.receipt_number)
    return None


ANSWERING: Mapping[Expects, Callable[[Scene, str], Expects | None]] = {
    LEGAL_GUARDIAN: tell_guardianship, PARENT_KNOWS: tell_parent_knows, PARENT_PHONE: tell_parent_phone,
    OWN_NAME: tell_own_name, AGENCY: tell_agency, CALL_BACK: tell_call_back}
"""The deed that takes an answer to each question of the short way, with the reply word."""


def leave_out(scene: Scene, expects: Expects) -> Expects | None:
    """A skipped question of the short way, with what follows from it."""
    if expects != LEGAL_GUARDIAN:
        return ANSWERING[expects](scene, SKIP)
    scene.answer(LEGAL_GUARDIAN.item, SKIP)
    _say_who_may_agree(scene)
    return None
