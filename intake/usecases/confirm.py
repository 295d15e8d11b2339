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
    if number == 1 and _means_yes_by_number(scene, item):
        return confirm_answers(scene)
    scene.withdraw(item)
    return Expects(Kind.MILESTONE, item)


def _means_yes_by_number(scene: Scene, first: str) -> bool:
    """Whether "1" is the yes it was all along: the list was answered in numbers, and its first item is not read back."""
    rows = scene.rows()
    last = rows.get(scene.situation().checklist[-1])
    by_number = last is not None and (last.own_words or "").strip().isdigit()
    return by_number and first in rows and rows[first].value == YES
