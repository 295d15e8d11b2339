"""Reads a pick from the ready answers of a question, in either language whatever the conversation's."""

from __future__ import annotations

from intake.content.library import Content
from intake.rules.choices import Option, is_label, pick
from intake.rules.interview import PICKED, Kind
from intake.usecases.scene import Scene


def pick_answer(scene: Scene, kind: Kind) -> str | None:
    """The code of the ready answer to ``kind`` that the turn's text picks; None when none or several are meant."""
    return pick(scene.turn.text, options_of(scene.content, kind))


def is_ready_answer(content: Content, kind: str | None, text: str) -> bool:
    """Whether ``text`` is a label offered with a question of ``kind``, in either language.

    Only questions whose answers are picked from a list; "yes" and "not yet" are plain words to every reader.
    """
    if kind not in PICKED:
        return False
    answers = content.messages.choices.get(kind, ())
    return is_label(text, [label for answer in answers for label in (answer.label.en, answer.label.es)])


def options_of(content: Content, kind: str) -> list[Option]:
    """The ready answers to a question of ``kind``, each with all ways to say it; none for a question without any."""
    return [Option(answer.code, (answer.label.en, answer.label.es, *answer.words))
            for answer in content.messages.choices.get(kind, ())]
