"""Many virtual parents who text at once: real screenings with questions in between, bursts, stops and starts.

They know the system from outside: they text through the simulator's phones and read what arrives there. Which question is
open is looked up in the database, once for all of them, so that a parent whose answer is late goes on where it should.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
from ruamel.yaml import YAML
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from growline.system import System
from intake.rules.age import latest_birth_date
from intake.store.connection import Store
from intake.store.models import Conversation

WORDS = Path(__file__).with_name("what_parents_say.yaml")
LOOK_SECONDS = 0.2
MONTHS = 19
STOPS, BURSTS, ASKS, GOES_BACK = 0.012, 0.08, 0.18, 0.1  # how often a parent does so instead of answering


@dataclass
class Pace:
    """How fast the parents text: so many texts a second in all; one waits ``patience`` seconds for an answer, then goes on."""

    texts_a_second: float
    patience: float = 8.0


@dataclass
class Town:
    """The parents with these ``phones``, the simulator they text through, and what they have done so far."""

    simulator: str
    store: Store
    phones: list[str]
    pace: Pace
    most_texts: int | None = None
    seed: int = 7
    texts: int = 0
    refused: int = 0
    answered: int = 0
    events: list[dict[str, Any]] = field(default_factory=list)
    _arrived: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    _open: dict[str, str | None] = field(default_factory=dict)
    _over: threading.Event = field(default_factory=threading.Event)
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)

    @contextlib.contextmanager
    def texting(self) -> Iterator[Town]:
        """The parents text while the body runs; at its end each finishes what it is doing and no new text is sent."""
        thread = threading.Thread(target=lambda: asyncio.run(self._live()), daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._over.set()
            thread.join(120)

    def is_quiet(self) -> bool:
        """Whether as many texts as were asked for have been sent."""
        return self._over.is_set() or (self.most_texts is not None and self.texts >= self.most_texts)

    async def _live(self) -> None:
        words = YAML(typ="safe").load(WORDS)
        limits = httpx.Limits(max_connections=200, max_keepalive_connections=200)
        async with httpx.AsyncClient(base_url=self.simulator, timeout=40, limits=limits, trust_env=False) as client:
            beside = [asyncio.create_task(self._reads_post(client)), asyncio.create_task(self._looks_up())]
            await asyncio.gather(*(Parent(self, client, number, words).lives() for number in range(len(self.phones))))
            for task in beside:
                task.cancel()

    async def _reads_post(self, client: httpx.AsyncClient) -> None:
        while True:
            with contextlib.suppress(httpx.HTTPError):
                answer = await client.get("/simulator/history", params={"after": len(self.events), "limit": 2000})
                await self._take(answer.raise_for_status().json()["events"])
            await asyncio.sleep(LOOK_SECONDS)

    async def _take(self, events: list[dict[str, Any]]) -> None:
        self.events += events
        async with self._news:
            for event in events:
                if event["event"] == "message_accepted":
                    self._arrived[event["phone"]] += 1
            self._news.notify_all()

    async def _looks_up(self) -> None:
        while True:
            with contextlib.suppress(SQLAlchemyError):
                self._open = await asyncio.to_thread(self._open_questions)
            await asyncio.sleep(LOOK_SECONDS)

    def _open_questions(self) -> dict[str, str | None]:
        by_index = {self.store.keys.phone_index(phone): phone for phone in self.phones}
        with self.store.reading() as session:
            rows = session.execute(select(Conversation.phone_index, Conversation.expects_kind)
                                   .where(Conversation.phone_index.in_(list(by_index))).order_by(Conversation.started_at))
            return {by_index[bytes(row.phone_index or b"")]: row.expects_kind for row in rows}

    def open_question(self, phone: str) -> str | None:
        """The kind of the question last seen open for this phone."""
        return self._open.get(phone)

    def arrived(self, phone: str) -> int:
        """How many texts have come to this phone."""
        return self._arrived[phone]

    async def waits(self, phone: str, before: int) -> None:
        """Until more than ``before`` texts have come to this phone, or the patience is over."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self.pace.patience), self._news:
                await self._news.wait_for(lambda: self._arrived[phone] > before)
                self.answered += 1


class Parent:
    """One parent of the town."""

    def __init__(self, town: Town, client: httpx.AsyncClient, number: int, words: dict[str, Any]) -> None:
        self._town, self._client, self._phone = town, client, town.phones[number]
        self._words = words["es" if number % 2 else "en"]
        self._lots = random.Random(f"{town.seed}/{number}")

    async def lives(self) -> None:
        """Texts and waits, until the town is quiet."""
        every = len(self._town.phones) / self._town.pace.texts_a_second
        await asyncio.sleep(self._lots.uniform(0, every))
        while not self._town.is_quiet():
            begun = time.monotonic()
            await self._does_something()
            rest = self._lots.uniform(0.5, 1.5) * every - (time.monotonic() - begun)
            await asyncio.sleep(max(rest, 0.05))

    async def _does_something(self) -> None:
        lot = self._lots.random()
        if lot < STOPS:
            await self._stops_and_starts()
        elif lot < STOPS + BURSTS:
            await self._says(*self._lots.sample(self._words["bursts"], self._lots.randint(1, 2)), self._answer())
        elif lot < STOPS + BURSTS + ASKS:
            await self._says(self._one_of("questions"))
        else:
            await self._says(self._answer())

    def _answer(self) -> str:
        kind = self._town.open_question(self._phone)
        if kind == "birth_date":
            return (latest_birth_date(MONTHS, date.today()) - timedelta(days=9)).strftime("%m/%d/%Y")
        if kind == "milestone" and self._lots.random() < GOES_BACK:
            return self._one_of("back")
        return str(self._lots.choice(self._words["answers"].get(kind) or self._words["otherwise"]))

    def _one_of(self, kind: str) -> str:
        return str(self._lots.choice(self._words[kind]))

    async def _stops_and_starts(self) -> None:
        await self._sends(self._one_of("stop"))
        for _ in range(self._lots.randint(0, 2)):
            await asyncio.sleep(self._lots.uniform(0.1, 2))
            await self._sends(self._one_of("after_stop"))
        await asyncio.sleep(self._lots.uniform(1, 4))
        await self._says(self._one_of("start"))

    async def _says(self, *texts: str) -> None:
        """Sends the texts as a burst and waits for an answer."""
        before = self._town.arrived(self._phone)
        for number, text in enumerate(texts):
            if number:
                await asyncio.sleep(self._lots.uniform(0.02, 0.3))
            await self._sends(text)
        await self._town.waits(self._phone, before)

    async def _sends(self, text: str) -> None:
        self._town.texts += 1
        try:
            answer = await self._client.post(f"/simulator/phones/{self._phone}/messages", json={"text": text})
            if answer.raise_for_status().json()["webhook_status"] != httpx.codes.OK:
                self._town.refused += 1
        except httpx.HTTPError:
            self._town.refused += 1


def town(system: System, store: Store, phones: list[str], pace: Pace, *, most_texts: int | None = None, seed: int = 7) -> Town:
    """A town of parents before a running system."""
    return Town(f"http://127.0.0.1:{system.ports.simulator}", store, phones, pace, most_texts=most_texts, seed=seed)


def phones(first: int, count: int) -> list[str]:
    """So many made-up phones, from +1 860 555 0100 + ``first`` on."""
    assert first > 0 and first + count <= 100
    return [f"+1860555{100 + first + number:04d}" for number in range(count)]
