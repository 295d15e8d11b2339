"""Readers that wait are woken together by one question to the database, and are told when it cannot be asked."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from uuid import UUID, uuid4

import pytest

from gateway import waiting
from gateway.waiting import Watch


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "PAUSE_SECONDS", 0.01)


class Places:
    """The last place of each conversation, as the database would tell it."""

    def __init__(self) -> None:
        self.last: dict[UUID, int] = {}
        self.asked: list[int] = []
        self.fails = False

    def __call__(self, conversations: Sequence[UUID]) -> Mapping[UUID, int]:
        self.asked.append(len(conversations))
        if self.fails:
            raise ConnectionError("a secret address")
        return {one: self.last[one] for one in conversations if one in self.last}


def test_five_hundred_readers_cost_one_question_at_a_time_and_only_the_one_concerned_is_woken() -> None:
    places, conversations = Places(), [uuid4() for _ in range(500)]

    async def read() -> list[int | None]:
        watch = Watch(places)
        readers = [asyncio.create_task(watch.wait(one, 3, 0.5)) for one in conversations]
        await asyncio.sleep(0.1)
        places.last[conversations[7]] = 4
        return list(await asyncio.gather(*readers))

    assert asyncio.run(read()) == [4 if number == 7 else 3 for number in range(500)]
    assert max(places.asked) == 500 and len(places.asked) < 60


def test_two_readers_of_one_conversation_wait_each_from_their_own_place() -> None:
    places, conversation = Places(), uuid4()
    places.last[conversation] = 5

    async def read() -> list[int | None]:
        watch = Watch(places)
        return list(await asyncio.gather(watch.wait(conversation, 3, 1), watch.wait(conversation, 5, 0.1)))

    assert asyncio.run(read()) == [5, 5]


def test_when_the_database_cannot_be_asked_readers_are_told_at_once(caplog: pytest.LogCaptureFixture) -> None:
    places = Places()
    places.fails = True
    begun = time.monotonic()
    assert asyncio.run(Watch(places).wait(uuid4(), 3, 20)) is None
    assert time.monotonic() - begun < 10 and "ConnectionError" in caplog.text and "secret" not in caplog.text


def test_nobody_waits_and_nobody_asks() -> None:
    places = Places()

    async def read() -> int:
        watch = Watch(places)
        await watch.wait(uuid4(), 3, 0.05)
        await asyncio.sleep(0.05)
        asked = len(places.asked)
        await asyncio.sleep(0.1)
        return len(places.asked) - asked

    assert asyncio.run(read()) == 0


def test_after_everybody_left_the_next_reader_is_looked_after_again() -> None:
    places, conversation = Places(), uuid4()

    async def read() -> int | None:
        watch = Watch(places)
        await watch.wait(conversation, 3, 0.05)
        places.last[conversation] = 9
        return await watch.wait(conversation, 3, 5)

    assert asyncio.run(read()) == 9
