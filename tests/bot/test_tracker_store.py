"""The tracker store builds a turn's tracker from its context and keeps nothing of it."""

from __future__ import annotations

import asyncio

from rasa.core.tracker_store import FailSafeTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, SessionStarted, SlotSet
from rasa.shared.nlu.training_data.message import Message

from bot.components.reader import open_question
from bot.tracker_store import ContextTrackerStore
from bot.turn_context import CURRENT_TURN, TurnContext

SLOTS = (
    "language",
    "channel",
    "child_name",
    "expects_kind",
    "expects_id",
    "conversation",
    "message_id",
    "today",
)
DOMAIN = Domain.from_dict(
    {
        "slots": {name: {"type": "any", "mappings": [{"type": "custom"}]} for name in SLOTS},
        "session_config": {"session_expiration_time": 0, "carry_over_slots_to_new_session": True},
    }
)


def a_turn(message_id: str = "m1") -> TurnContext:
    return TurnContext("c1", message_id, "es", "web", "Ana", "milestone", "walks", "2026-11-22")


async def _take_turns(store: FailSafeTrackerStore, count: int) -> None:
    for number in range(count):
        turn = a_turn(f"m{number}")
        token = CURRENT_TURN.set(turn)
        tracker = await store.get_or_create_tracker(turn.message_id, append_action_listen=False)
        await store.save(tracker)
        CURRENT_TURN.reset(token)


def test_a_turns_tracker_starts_listening_with_its_context_as_slots() -> None:
    async def retrieve() -> None:
        CURRENT_TURN.set(turn := a_turn())
        tracker = await ContextTrackerStore(domain=DOMAIN).retrieve("m1")
        assert tracker is not None
        assert [tracker.get_slot(name) for name in SLOTS] == list(turn.slots().values())
        assert isinstance(tracker.events[0], SessionStarted)
        assert isinstance(tracker.events[1], ActionExecuted)
        assert tracker.latest_action_name == "action_listen"
        assert turn.tracker_built

    asyncio.run(retrieve())


def test_a_thousand_turns_leave_no_tracker_behind() -> None:
    inner = ContextTrackerStore(domain=DOMAIN)
    store = FailSafeTrackerStore(inner)
    asyncio.run(_take_turns(store, 1000))
    assert len(inner.store) == 0
    assert list(asyncio.run(inner.keys())) == []


def test_two_turns_of_one_conversation_share_nothing() -> None:
    async def two_turns() -> None:
        store = ContextTrackerStore(domain=DOMAIN)
        CURRENT_TURN.set(a_turn())
        first = await store.retrieve("m1")
        assert first is not None
        first.update(ActionExecuted("action_milestone"))
        await store.save(first)
        second = await store.retrieve("m1")
        assert second is not None
        assert second.latest_action_name == "action_listen"

    asyncio.run(two_turns())


def test_without_a_turn_it_is_an_ordinary_store() -> None:
    async def shell() -> None:
        store = ContextTrackerStore(domain=DOMAIN)
        assert await store.retrieve("someone") is None
        tracker = await store.get_or_create_tracker("someone")
        await store.save(tracker)
        assert await store.retrieve("someone") is not None
        assert list(await store.keys()) == ["someone"]

    asyncio.run(shell())


def test_without_a_turn_the_open_question_is_the_stored_conversations() -> None:
    async def shell() -> None:
        store = ContextTrackerStore(domain=DOMAIN)
        tracker = await store.get_or_create_tracker("someone")
        tracker.update(SlotSet("expects_kind", "milestone"))
        await store.save(tracker)
        await store.retrieve("someone")
        assert open_question(Message({"text": "3"})).kind == "milestone"

    asyncio.run(shell())
