"""Reads a pick from the ready answers of a question, in either language whatever the conversation's."""

from __future__ import annotations

from intake.rules.choices import Option, pick
from intake.rules.interview import Kind
from intake.usecases.scene import Scene


def pick_answer(scene: Scene, kind: Kind) -> str | None:
    """The code of the ready answer to ``kind`` that the turn's text picks; None when none or several are meant."""
    answers = scene.content.messages.choices.get(kind, ())
    return pick(scene.turn.text, [Option(a.code, (a.label.en, a.label.es, *a.words)) for a in answers])
