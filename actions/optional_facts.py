"""Facts that help and are never needed, and the last question."""

from __future__ import annotations

from actions.somebody_else import deed_for
from actions.turn import Deed, Heard, StepAction
from intake.usecases import closing, optional_facts


class OptionalFact(StepAction):
    """Town, doctor, insurance, how they heard, race and ethnicity."""

    step = "optional_fact"

    def deed(self, heard: Heard) -> Deed:
        if (own := deed_for(heard)) is not None:
            return own
        if heard.intent == "skip":
            return optional_facts.skip_fact
        return lambda scene: optional_facts.tell_fact(scene, heard.intent)


class NeedsMet(StepAction):
    """Did the family get what it needed?"""

    step = "needs_met"

    def deed(self, heard: Heard) -> Deed:
        return lambda scene: closing.tell_needs_met(scene, heard.intent)
