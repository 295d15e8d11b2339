"""The milestones of the checklist and the read-back."""

from __future__ import annotations

from actions.turn import Deed, Heard, StepAction
from intake.usecases import confirm, corrections, milestones


class Milestone(StepAction):
    """An answer to the open milestone."""

    step = "milestone"

    def deed(self, heard: Heard) -> Deed:
        return lambda scene: milestones.answer_milestone(scene, heard.intent, sure=heard.sure)


class Example(StepAction):
    """What the open question means."""

    step = "example"

    def deed(self, heard: Heard) -> Deed:
        return milestones.give_example


class ConfirmAnswers(StepAction):
    """Right as read back; or the number, or the words, of what to change."""

    step = "confirm_answers"

    def deed(self, heard: Heard) -> Deed:
        number = heard.turn.text.strip().strip("#.)")
        if number.isdigit() and len(number) <= 2:
            return lambda scene: confirm.reopen_by_number(scene, int(number))
        if heard.intent == "yes":
            return confirm.confirm_answers
        if heard.intent in ("inform", "sometimes"):
            return lambda scene: corrections.correct_named(scene, heard.one("reply"))
        return confirm.ask_which_to_change
