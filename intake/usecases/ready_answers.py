"""Reads a pick from the ready answers of a question, in either language whatever the conversation's."""

from __future__ import annotations

from intake.content.library import Content
from intake.rules.choices import Option, pick
from intake.rules.interview import Kind
from intake.usecases.scene import Scene


def pick_answer(scene: Scene, kind: Kind) -> str | None:
    """The code of the ready answer to ``kind`` that the turn's text picks; None when none or several are meant."""
    return pick(scene.turn.text, options_of(scene.content, kind))


def options_of(content: Content, kind: str) -> list[Option]:
    """The ready answers to a question of ``kind``, each with all ways to say it; none for a question without any."""
    return [Option(answer.code, (answer.label.en, answer.label.es, *answer.words))
            for answer in content.messages.choices.get(kind, ())]
