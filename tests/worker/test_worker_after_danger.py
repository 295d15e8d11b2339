"""After words of danger the worker needs no engine: everything is answered while it is down."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from a_family import AFamily

from intake.rules.interview import Expects, Kind
from intake.store.models import Message, StaffPage
from intake.usecases.taking import EngineTurn
from worker.engine import Answer, EngineUnavailable
from worker.turns import TurnNotTaken, take_turn


class NoEngine:
    """An engine that is down; it counts how often it was asked."""

    asked = 0

    def take_turn(self, turn: EngineTurn) -> Answer:
        self.asked += 1
        raise EngineUnavailable("connection refused")


@pytest.mark.parametrize("channel", ["sms", "web"])
@pytest.mark.parametrize("words", [
    ("he is not breathing", "no", "not sure", "the ambulance is here", "go"),
    ("mi hija no respira", "no", "no sé", "ya llegó la ambulancia", "siga")])
def test_danger_and_all_that_follows_it_is_answered_while_the_engine_is_down(
        family: Callable[..., AFamily], channel: str, words: tuple[str, ...]) -> None:
    parent, engine = family(until=Kind.WORRY, channel=channel), NoEngine()
    for text in words:
        take_turn(parent.store, parent.content, engine, parent.writes(text))  # type: ignore[arg-type]
    told = [m for m in parent.all(Message) if m.direction == "inbound"][-len(words):]
    assert engine.asked == 0 and {m.state for m in told} == {"done"} and parent.open() == Expects(Kind.WORRY)
    assert len(parent.all(StaffPage)) == 1


def test_what_is_no_answer_is_kept_for_the_engine_and_nothing_is_lost(family: Callable[..., AFamily]) -> None:
    parent, engine = family(until=Kind.WORRY), NoEngine()
    take_turn(parent.store, parent.content, engine, parent.writes("he is not breathing"))  # type: ignore[arg-type]
    message = parent.writes("he plays with his truck")
    for _ in range(3):
        with pytest.raises(TurnNotTaken):
            take_turn(parent.store, parent.content, engine, message)  # type: ignore[arg-type]
    kept = next(m for m in parent.all(Message) if m.id == message)
    assert kept.state == "received" and ("not_saved", None) in parent.reasons()
