"""A question parents ask is answered once, and the question that was open is asked again, whichever the two are."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from a_family import AFamily, said

from intake.rules.interview import Kind
from intake.usecases import interruptions

Family = Callable[..., AFamily]


@pytest.mark.parametrize("kind", [Kind.CONSENT, Kind.BIRTH_DATE, Kind.MILESTONE])
def test_every_question_is_answered_and_the_open_one_follows(family: Family, kind: Kind) -> None:
    parent = family(until=kind)
    before = parent.open()
    for topic in sorted(interruptions.QUESTIONS):
        outcome = parent.say("?", lambda scene, topic=topic: interruptions.explain(scene, topic))
        lines = said(outcome)
        assert lines[0] == f"faq_{topic.removeprefix('ask_')}" and lines[1].startswith(f"ask_{kind.value}"), (topic, lines)
        assert parent.open() == outcome.expects == before
