"""The first words and consent."""

from __future__ import annotations

from actions.turn import Deed, Heard, StepAction
from intake.usecases import consent


class Begin(StepAction):
    """Says who we are and asks consent; a worry already told is kept."""

    step = "begin"
    keeps_worries = True

    def deed(self, heard: Heard) -> Deed:
        return lambda scene: consent.begin(scene, heard.all("concern"))


class Consent(StepAction):
    """Yes or no to going on."""

    step = "consent"

    def deed(self, heard: Heard) -> Deed:
        return consent.give_consent if heard.intent == "yes" else consent.refuse_consent
