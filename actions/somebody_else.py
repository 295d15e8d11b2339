"""The questions that only a relative, a doctor or a teacher is asked: which deed an answer to one of them is."""

from __future__ import annotations

from actions.turn import Deed, Heard
from intake.usecases.somebody_else import ANSWERING


def deed_for(heard: Heard) -> Deed | None:
    """The deed for an answer to such a question; None when another question is open."""
    answering = None if heard.turn.expects is None else ANSWERING.get(heard.turn.expects)
    return None if answering is None else lambda scene: answering(scene, heard.intent)
