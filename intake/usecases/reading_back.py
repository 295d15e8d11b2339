"""Reads the milestone answers back, short enough for a text: what was said to be not yet, sometimes, not sure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intake.rules.triage import AnswerValue
from intake.usecases.outcome import Line

if TYPE_CHECKING:
    from intake.usecases.scene import Scene

MOST_NOT_SURE = 5
_READ_BACK = (AnswerValue.NOT_YET, AnswerValue.SOMETIMES, AnswerValue.NOT_SURE, AnswerValue.SKIP)


def read_back(scene: Scene) -> tuple[Line, ...]:
    """One line that counts, then one line per kind of answer other than "yes", each item with its number in the list."""
    situation = scene.situation()
    values = {item: situation.answers[item] for item in situation.checklist if item in situation.answers}
    yes = sum(value == AnswerValue.YES for value in values.values())
    lines = [Line("read_back_count", {"yes": yes, "total": len(values)})]
    for wanted in _READ_BACK:
        items = [_labelled(scene, place, item) for place, item in enumerate(situation.checklist, start=1)
                 if values.get(item) == wanted]
        if items:
            lines.append(Line(f"read_back_{wanted.value}", {"items": _listed(wanted, items)}))
    return tuple(lines)


def _listed(wanted: AnswerValue, items: list[str]) -> str:
    """A line per item; what was skipped, or many that are not sure, by their numbers alone: it would fill the phone."""
    if wanted is AnswerValue.SKIP or (wanted is AnswerValue.NOT_SURE and len(items) > MOST_NOT_SURE):
        return ", ".join(item.split(" ", 1)[0] for item in items)
    return "\n".join(items)


def _labelled(scene: Scene, place: int, item: str) -> str:
    return f"{place} {scene.content.questions.question(item).label.in_language(scene.turn.language)}"
