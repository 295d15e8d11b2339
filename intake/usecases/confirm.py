"""The read-back before anything goes on: right as it stands, or something to change."""

from __future__ import annotations

from intake.rules.interview import YES, Expects, Kind
from intake.usecases.flags import refresh_flags
from intake.usecases.outcome import Line
from intake.usecases.routing import explain_what_comes_next
from intake.usecases.scene import Scene


def confirm_answers(scene: Scene) -> Expects | None:
    """The answers are right: say what they mean and what comes next, in plain words."""
    scene.answer(Kind.CONFIRM_ANSWERS, YES)
    refresh_flags(scene)
    explain_what_comes_next(scene)
    return None


def ask_which_to_change(scene: Scene) -> Expects | None:
    """Something is to be changed: which number, or in own words."""
    scene.before.append(Line("which_to_change"))
    return Expects(Kind.CONFIRM_ANSWERS, "which")


def reopen_by_number(scene: Scene, number: int) -> Expects | None:
    """Asks one milestone again, by its number in the list; a number that is not there is asked again."""
    checklist = scene.situation().checklist
    if not 1 <= number <= len(checklist):
        scene.say("no_such_number", total=len(checklist))
        return Expects(Kind.CONFIRM_ANSWERS, "which")
    item = checklist[number - 1]
    scene.withdraw(item)
    return Expects(Kind.MILESTONE, item)
