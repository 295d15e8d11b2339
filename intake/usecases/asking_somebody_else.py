"""How the questions of the short way are asked: of a relative, a doctor, a teacher, about a child that is not theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intake.rules.interview import (
    AGENCY,
    CALL_BACK,
    LEGAL_GUARDIAN,
    OWN_NAME,
    PARENT_KNOWS,
    PARENT_PHONE,
    Expects,
    Kind,
    is_somebody_else,
)
from intake.usecases.outcome import Line

if TYPE_CHECKING:
    from intake.usecases.scene import Scene


def asked_of_somebody_else(scene: Scene, expects: Expects) -> tuple[Line, ...] | None:
    """The lines that ask ``expects`` of who is not the parent; None where the parent's own words serve."""
    if not is_somebody_else(scene.answers()):
        return None
    asked = _own_question(scene, expects) or _about_the_child(scene, expects)
    return None if asked is None else (asked,)


def _own_question(scene: Scene, expects: Expects) -> Line | None:
    can_answer_here = scene.conversation.phone is not None  # the number texted from may be the one to call back
    return {
        LEGAL_GUARDIAN: Line("ask_legal_guardian"),
        PARENT_KNOWS: Line("ask_parent_knows"),
        PARENT_PHONE: Line("ask_parent_phone"),
        OWN_NAME: Line("ask_own_name"),
        AGENCY: Line("ask_agency"),
        CALL_BACK: Line("ask_call_back_same" if can_answer_here else "ask_call_back"),
    }.get(expects)


def _about_the_child(scene: Scene, expects: Expects) -> Line | None:
    if expects == Expects(Kind.CHILD_NAME):
        return Line("ask_others_child_name")
    known = scene.child.name if scene.child is not None else None
    child = known or scene.content.messages.system("child_unnamed_others", scene.turn.language)
    if expects == Expects(Kind.BIRTH_DATE) and not scene.is_open(Kind.BIRTH_DATE):
        return Line("ask_others_birth_date", {"child": child})
    if expects == Expects(Kind.WORRY):
        return Line("ask_others_worry_more" if scene.concerns() else "ask_others_worry", {"child": child})
    return None
