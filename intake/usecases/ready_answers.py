"""Reads a pick from the ready answers of a question, in either language whatever the conversation's."""

from __future__ import annotations

from functools import lru_cache

from intake.content.library import Content
from intake.rules.choices import Option, is_label, pick
from intake.rules.interview import LEGAL_GUARDIAN, PARENT_PHONE, PICKED, Expects, Kind
from intake.rules.relation import RelationReader
from intake.usecases.scene import Scene


def pick_answer(scene: Scene, item: str) -> str | None:
    """The code of the ready answer to ``item`` that the turn's text picks; None when none or several are meant."""
    return pick(scene.turn.text, options_of(scene.content, item))


def relation_reader(content: Content) -> RelationReader:
    """The reader of who writes, by the ready answers of this affiliate."""
    return _relation_reader(tuple(options_of(content, Kind.RELATION)))


@lru_cache(maxsize=4)
def _relation_reader(options: tuple[Option, ...]) -> RelationReader:
    return RelationReader(options)


_PICKED = PICKED | {LEGAL_GUARDIAN.item, PARENT_PHONE.item}


def is_ready_answer(content: Content, kind: str | None, text: str, id_: str | None = None) -> bool:
    """Whether ``text`` is a label offered with a question of ``kind`` (and ``id_``), in either language.

    Only questions whose answers are picked from a list; "yes" and "not yet" are plain words to every reader.
    """
    item = None if kind is None else Expects(Kind(kind), id_).item
    if item is None or item not in _PICKED:
        return False
    answers = content.messages.choices.get(item, ())
    return is_label(text, [label for answer in answers for label in (answer.label.en, answer.label.es)])


def options_of(content: Content, item: str) -> list[Option]:
    """The ready answers to the question of ``item``, each with all ways to say it; none for a question without any."""
    return [Option(answer.code, (answer.label.en, answer.label.es, *answer.words))
            for answer in content.messages.choices.get(item, ())]
