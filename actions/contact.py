"""May a person contact the family, and how."""

from __future__ import annotations

from actions.somebody_else import deed_for
from actions.turn import Deed, Heard, StepAction
from intake.rules.interview import NEXT_CHECK, Kind
from intake.usecases import contact, interruptions, next_check


class ContactConsent(StepAction):
    """Yes makes the referral; no, and it ends with the number to call. Each further program has its own yes or no, and so has the
    text when the child reaches the next age."""

    step = "contact_consent"

    def deed(self, heard: Heard) -> Deed:
        if (own := deed_for(heard)) is not None:
            return own
        if heard.intent == "not_sure":
            return interruptions.explain_why
        if heard.turn.expects is not None and heard.turn.expects.id == NEXT_CHECK:
            return next_check.agree_to_next_check if heard.intent == "yes" else next_check.refuse_next_check
        if heard.intent == "skip":
            return contact.skip_consent
        return contact.agree_to_contact if heard.intent == "yes" else contact.refuse_contact


class ContactName(StepAction):
    """The name to ask for."""

    step = "contact_name"

    def deed(self, heard: Heard) -> Deed:
        if (own := deed_for(heard)) is not None:
            return own
        if heard.intent == "skip":
            return lambda scene: contact.skip_contact_detail(scene, Kind.CONTACT_NAME)
        return contact.tell_contact_name


class Phone(StepAction):
    """The number to call: the one texted from, another, or none."""

    step = "phone"

    def deed(self, heard: Heard) -> Deed:
        if (own := deed_for(heard)) is not None:
            return own
        if heard.intent == "skip":
            return lambda scene: contact.skip_contact_detail(scene, Kind.PHONE)
        if heard.intent == "yes" and not any(letter.isdigit() for letter in heard.turn.text):
            return contact.keep_phone
        return lambda scene: contact.tell_phone(scene, heard.turn.text)


class BestTime(StepAction):
    """When to call."""

    step = "best_time"

    def deed(self, heard: Heard) -> Deed:
        if heard.intent == "skip":
            return lambda scene: contact.skip_contact_detail(scene, Kind.BEST_TIME)
        return lambda scene: contact.tell_best_time(scene, heard.intent)
