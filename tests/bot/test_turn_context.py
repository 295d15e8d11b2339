"""A turn's context is checked before anything is done with it."""

from __future__ import annotations

import pytest
from conftest import a_request

from bot.turn_context import MalformedTurn, read_turn_context


def test_a_complete_context_becomes_the_slots_of_a_turn() -> None:
    turn = read_turn_context(a_request("yes"), "c1", "m1")
    assert turn.slots() == {
        "language": "en", "channel": "sms", "child_name": "Leo", "expects_kind": "milestone",
        "expects_id": "walks", "conversation": "c1", "message_id": "m1", "today": "2026-11-22",
    }  # fmt: skip


def test_no_open_question_is_the_kind_none() -> None:
    assert read_turn_context(a_request("hi", kind=None), "c1", "m1").expects_kind == "none"


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"language": "fr"}, "context.language"),
        ({"language": ["en"]}, "context.language"),
        ({"channel": None}, "context.channel"),
        ({"today": "22/11/2026"}, "context.today"),
        ({"today": None}, "context.today"),
        ({"child_name": 7}, "context.child_name"),
        ({"expects": {"kind": "diagnosis"}}, "context.expects"),
        ({"expects": {"kind": []}}, "context.expects"),
        ({"expects": "milestone"}, "context.expects"),
        ({"expects": {"kind": "milestone", "id": 3}}, "context.expects.id"),
    ],
)
def test_a_wrong_field_is_named(change: dict[str, object], named: str) -> None:
    with pytest.raises(MalformedTurn, match=named.replace(".", r"\.")):
        read_turn_context(a_request("yes", context=change), "c1", "m1")


def test_a_context_that_is_no_object_is_refused() -> None:
    with pytest.raises(MalformedTurn, match="context"):
        read_turn_context({"context": "en"}, "c1", "m1")
