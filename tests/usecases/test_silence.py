"""Robots and floods are kept and not answered; staff are told; a parent's danger is heard all the same."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from a_family import AFamily

from intake.rules.interview import Kind
from intake.store.models import Message
from intake.usecases.taking import TakingRules, take

Family = Callable[..., AFamily]
DRIVING = "I'm driving right now, I will text you later"


def inbound(parent: AFamily, text: str) -> Message:
    return [row for row in sorted(parent.all(Message), key=lambda row: row.seq) if row.text == text][-1]


def replies(parent: AFamily) -> int:
    return len([row for row in parent.all(Message) if row.direction == "outbound"])


def test_the_third_automatic_reply_is_met_with_silence_and_a_flag(family: Family) -> None:
    parent = family(until=Kind.RELATION)
    for _ in range(2):
        parent.say(DRIVING, lambda scene: None)
    before = replies(parent)
    assert parent.is_taken(DRIVING) is None
    assert inbound(parent, DRIVING).state == "silent" and replies(parent) == before
    assert ("robot", None) in parent.reasons()
    assert parent.is_taken("sorry, I am here now") is not None, "a person is heard again"


def test_danger_in_an_automatic_reply_is_answered(family: Family) -> None:
    parent = family(until=Kind.RELATION)
    for _ in range(2):
        parent.say("my son is not breathing please help", lambda scene: None)
    parent.is_taken("my son is not breathing please help")
    assert parent.case()["urgency"] == "emergency"


def flood(parent: AFamily, texts: list[str], a_minute: int) -> list[UUID]:
    messages = []
    for text in texts:
        messages.append(parent.writes(text))
        take(parent.store, parent.content, messages[-1], today=parent.today, rules=TakingRules(texts_a_minute=a_minute))
    return messages


def test_a_flood_gets_one_notice_and_every_text_is_kept(family: Family) -> None:
    parent = family(until=Kind.RELATION)
    so_far = len([row for row in parent.all(Message) if row.direction == "inbound"])
    before = replies(parent)
    flood(parent, [f"text {number}" for number in range(40)], so_far + 5)
    rows = [row for row in parent.all(Message) if row.text.startswith("text ")]
    assert len(rows) == 40 and [row.state for row in sorted(rows, key=lambda row: row.seq)][-30:] == ["silent"] * 30
    notices = [row for row in parent.all(Message) if row.text == parent.content.messages.system("flood", "en")]
    assert len(notices) == 1 and replies(parent) == before + 1
    assert ("flood", None) in parent.reasons()


def test_danger_in_a_flood_is_flagged_and_answered_but_not_thirty_times(family: Family) -> None:
    parent = family(until=Kind.RELATION)
    flood(parent, [f"text {number}" for number in range(10)], 5)
    before = replies(parent)
    flood(parent, ["she swallowed a battery"] * 30, 5)
    assert parent.case()["urgency"] == "emergency" and replies(parent) == before + 1


def test_stop_in_a_flood_is_obeyed(family: Family) -> None:
    parent = family(until=Kind.RELATION)
    flood(parent, [f"text {number}" for number in range(10)] + ["ALTO"], 5)
    assert parent.conversation().status == "opted_out"
