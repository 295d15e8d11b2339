"""Measures the web chat with many open windows: how soon an answer is seen by the browser that asked.

``python -m bench.chat`` opens 500 chats that all wait for news, as windows do, and lets them ask so many questions a second,
spread over all of them. It prints a Markdown table and ends with 1 when an answer takes a second (p95) or one never comes.
It takes three minutes and needs the machine for itself.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from bench.measuring import circumstances
from bench.open_loop import NEVER, Spread, at_rate, spread
from bench.processes import within
from growline.demo import Ports
from growline.system import System
from growline.training import train

BENCH_SECONDS = 600
CHATS, ASKED_A_SECOND, MEASURED_SECONDS = 500, 10, 60
ANSWERED_WITHIN = 1.0
WAIT_SECONDS, PATIENCE_SECONDS = 25, 20.0
QUESTIONS = ("why do you ask", "how much does it cost", "who reads this", "what was the question")
SETTINGS = {"GROWLINE_CHAT_SESSIONS_PER_HOUR": "1000000"}


@dataclass
class Chat:
    """One open window: it waits for news all the time and tells whoever asked when an answer is there."""

    client: httpx.AsyncClient
    headers: dict[str, str]
    after: int = 0
    answered: asyncio.Event = field(default_factory=asyncio.Event)
    asked: int = 0

    async def waits(self) -> None:
        """Long-polls until cancelled."""
        while True:
            try:
                query: dict[str, Any] = {"after": self.after, "wait": WAIT_SECONDS}
                answer = await self.client.get("/chat/messages", params=query, headers=self.headers)
                messages = answer.raise_for_status().json()["messages"]
            except httpx.HTTPError:
                await asyncio.sleep(1)
                continue
            self.after = max([self.after, *(message["seq"] for message in messages)])
            if any(message["from"] != "you" for message in messages):
                self.answered.set()

    async def asks(self) -> bool:
        """Asks something and waits until the answer is here; False when none comes."""
        self.answered.clear()
        self.asked += 1
        body = {"client_msg_id": uuid4().hex, "text": QUESTIONS[self.asked % len(QUESTIONS)]}
        try:
            (await self.client.post("/chat/messages", json=body, headers=self.headers)).raise_for_status()
            await asyncio.wait_for(self.answered.wait(), PATIENCE_SECONDS)
        except (httpx.HTTPError, TimeoutError):
            return False
        return True


async def _open(client: httpx.AsyncClient) -> Chat:
    begun = await client.post("/chat/sessions", json={"language": "en"})
    return Chat(client, {"Authorization": f"Bearer {begun.raise_for_status().json()['token']}"})


async def measure(url: str) -> Spread:
    """Opens the chats, lets all be greeted, and measures from asking to the answer's arrival."""
    limits = httpx.Limits(max_connections=2 * CHATS, max_keepalive_connections=2 * CHATS)
    async with httpx.AsyncClient(base_url=url, timeout=WAIT_SECONDS + 15, limits=limits, trust_env=False) as client:
        chats, waiting = [], []
        for _ in range(CHATS):
            chats.append(await _open(client))
            waiting.append(asyncio.create_task(chats[-1].waits()))
            await asyncio.sleep(0.06)  # each is greeted by a turn of its own
        await asyncio.gather(*(asyncio.wait_for(chat.answered.wait(), 60) for chat in chats))
        await asyncio.sleep(3)
        sent = await at_rate(ASKED_A_SECOND, MEASURED_SECONDS, lambda number: chats[number % CHATS].asks())
        for task in waiting:
            task.cancel()
    return spread([one.seconds for one in sent])


def main() -> int:
    """Prints the table; 0 when every answer came and p95 is within a second."""
    load_before, begun = os.getloadavg()[0], time.monotonic()
    with within(BENCH_SECONDS), tempfile.TemporaryDirectory(prefix="growline-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        train()
        extra = {**SETTINGS, "GROWLINE_SPOOL": str(folder / "spool")}
        with System(var=folder, ports=Ports.free(), extra=extra) as system:
            took = asyncio.run(measure(f"http://127.0.0.1:{system.ports.gateway}"))
    cells = ["never" if t == NEVER else f"{t * 1000:.0f}" for t in (took.p50, took.p95, took.p99)]
    print("|  | open | a second | p50, ms | p95, ms | p99, ms | failed |", "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
          f"| from asking in a window to the answer in it | {CHATS} | {ASKED_A_SECOND} | {' | '.join(cells)} | {took.failed} |",
          circumstances(load_before, f"{time.monotonic() - begun:.0f} s in all"), sep="\n")
    return 0 if took.p95 < ANSWERED_WITHIN and not took.failed else 1


if __name__ == "__main__":
    sys.exit(main())
