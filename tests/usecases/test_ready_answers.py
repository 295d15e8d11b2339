"""A ready answer that was tapped is taken as it stands, in both languages; what is more than it is read."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from a_family import AFamily

from intake.content.library import load_content
from intake.rules.choices import pick
from intake.rules.interview import PICKED, Kind
from intake.settings import ROOT
from intake.usecases.ready_answers import is_ready_answer, options_of
from intake.usecases.taking import take

CONTENT = load_content(ROOT / "content")
LABELS = [(kind, label) for kind in sorted(PICKED) for answer in CONTENT.messages.choices[kind]
          for label in (answer.label.en, answer.label.es)]


@pytest.mark.parametrize(("kind", "label"), LABELS)
def test_every_label_is_known_and_picks_its_own_answer(kind: Kind, label: str) -> None:
    for typed in (label, label.upper(), f" {label}. "):
        assert is_ready_answer(CONTENT, kind, typed)
    code = next(answer.code for answer in CONTENT.messages.choices[kind] if label in (answer.label.en, answer.label.es))
    assert pick(label, options_of(CONTENT, kind)) == code


@pytest.mark.parametrize(("kind", "text"), [
    (Kind.BEST_TIME, "Mornings are bad for us"), (Kind.BEST_TIME, "good morning"), (Kind.INSURANCE, "why do you ask"),
    (Kind.MILESTONE, "Not yet"), (Kind.CONSENT, "Yes"), (Kind.CHILD_NAME, "Mornings"), (None, "Mornings"), (Kind.BEST_TIME, "")])
def test_everything_else_is_read(kind: Kind | None, text: str) -> None:
    assert not is_ready_answer(CONTENT, kind, text)


def test_the_engine_is_told_of_a_tap(family: Callable[..., AFamily]) -> None:
    parent = family(until=Kind.RELATION, channel="web")
    turn = take(parent.store, parent.content, parent.writes("Other family"), today=parent.today)
    assert turn is not None and turn.context["picked"] is True
