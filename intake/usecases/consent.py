"""Consent to go on: asked before anything about a child is asked, refused without consequence.

After a refusal nothing is kept that is not needed: what the parent had already written is blanked; the fact of the refusal
and the words that were shown stay, because they show that we asked.
"""

from __future__ import annotations

from sqlalchemy import delete, update

from intake.rules.interview import NO, YES, Expects, Kind
from intake.store.models import Concern, Consent, Flag, Message
from intake.usecases.consent_words import WORDS_SHOWN
from intake.usecases.flags import BY_RULES, refresh_flags, update_urgency
from intake.usecases.own_contact import forget_contact
from intake.usecases.referred import tell_staff
from intake.usecases.replying import REFUSED
from intake.usecases.scene import Scene


def begin(scene: Scene, concerns: list[str]) -> Expects | None:
    """The first message, or any before consent that is neither yes nor no: a worry already told is kept for its question."""
    if concerns:
        scene.note_concerns(concerns, scene.turn.text)
        scene.say("worry_heard_first")
    return None


def give_consent(scene: Scene) -> Expects | None:
    """The parent agrees to go on."""
    scene.answer(Kind.CONSENT, YES)
    scene.family.phone = scene.family.phone or scene.conversation.phone  # blanked when they had refused before
    record_consent(scene, "conversation", given=True)
    if scene.turn.channel == "sms":  # the same words told what texts come, how many, and how to stop them
        record_consent(scene, "sms", given=True)
    scene.conversation.status = "open"
    scene.say("consent_thanks")
    refresh_flags(scene)
    tell_staff(scene)
    return None


def refuse_consent(scene: Scene) -> Expects | None:
    """The parent does not agree: a friendly end with the phone number; the words written so far are blanked."""
    record_consent(scene, "conversation", given=False)
    scene.conversation.status = REFUSED
    _forget(scene)
    scene.answer(Kind.CONSENT, NO, own_words=NO)
    scene.say("consent_refused")
    return Expects(Kind.FREE, "refused")


def reconsider(scene: Scene) -> Expects | None:
    """Somebody who refused writes again: the question about consent is open once more."""
    scene.withdraw(Kind.CONSENT)
    scene.conversation.status = "open"
    return None


def record_consent(scene: Scene, kind: str, *, given: bool, shown: str | None = None) -> Consent:
    """Writes one consent into the ledger with this turn's message as its proof; ``shown`` names other words than its own."""
    consent = Consent(family_id=scene.family.id, conversation_id=scene.conversation.id, kind=kind, given=given,
                      source=scene.turn.channel, words_shown=WORDS_SHOWN[shown or kind],
                      phone_index=scene.conversation.phone_index, message_id=scene.turn.message_id)
    scene.session.add(consent)
    scene.session.flush()
    return consent


def _forget(scene: Scene) -> None:
    conversation = scene.conversation.id
    scene.conversation.referred_from = None
    forget_contact(scene)
    # A flag for danger, or for the wish to speak with a person, stands: it is no answer to our questions.
    scene.session.execute(delete(Flag).where(Flag.conversation_id == conversation, Flag.code.in_(BY_RULES)))
    scene.session.execute(delete(Concern).where(Concern.conversation_id == conversation))
    scene.blank_answers()
    # This turn's own words are needed until it is done; finish_turn blanks them.
    scene.session.execute(update(Message).where(Message.conversation_id == conversation, Message.direction == "inbound",
                                                Message.id != scene.turn.message_id)
                          .values(text="", original=None, understood=None))
    update_urgency(scene.session, scene.conversation)

