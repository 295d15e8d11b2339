"""The worry in the parent's own words, and skills that were lost."""

from __future__ import annotations

from actions.turn import Deed, Heard, StepAction
from intake.usecases import interruptions, worry


class Worry(StepAction):
    """The worry at its question: words, nothing, or a bare yes."""

    step = "worry"
    keeps_worries = True

    def deed(self, heard: Heard) -> Deed:
        concerns, fine = heard.all("concern"), heard.all("fine")
        if heard.intent == "not_yet":  # a whole message that says no, such as "her dad says no", names no worry
            return worry.no_worry
        if concerns or heard.intent in ("inform", "lost_skill", "sometimes"):
            return lambda scene: worry.tell_worry(scene, concerns, fine)
        if heard.intent == "yes":
            return worry.worry_without_words
        return lambda scene: worry.no_worry(scene, skipped=heard.intent == "skip")


class LostSkills(StepAction):
    """Whether the child has stopped doing something."""

    step = "lost_skills"
    keeps_worries = True

    def deed(self, heard: Heard) -> Deed:
        return lambda scene: worry.tell_lost_skills(scene, heard.intent, heard.all("concern"))


class NoteWorry(StepAction):
    """A worry told in the middle of the list."""

    step = "note_worry"
    keeps_worries = True

    def deed(self, heard: Heard) -> Deed:
        concerns = heard.all("concern")
        if not concerns:
            return interruptions.not_understood
        return lambda scene: worry.note_worry(scene, concerns)
