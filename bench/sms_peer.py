"""The peer of ``bench.sms``: an ordinary Rasa form that takes the whole turn inside the webhook's request.

Rasa's Twilio channel awaits the turn before it answers the webhook (rasa/core/channels/twilio.py, 3.6), as its REST
channel does, which is asked here because it needs no Twilio account. Each rate gets a peer freshly started, so that
what one left undone does not slow the next.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from uuid import uuid4

import httpx

from bench.open_loop import Sent, Spread, at_rate, spread
from bench.parent import MILESTONE, Parent, read_script
from bench.peer import FORM, running_peer, train_peer
from bench.twilio_side import one_shot_client

RATES = (10, 20, 50)
RATE_SECONDS = 20
FAMILIES = 99


class WaitingFamilies:
    """Families whose next text waits in the request until its turn has been taken."""

    def __init__(self, client: httpx.AsyncClient, url: str) -> None:
        self._client, self._url = client, url
        script = read_script(FORM / "conversation.yaml")
        self._families = [(uuid4().hex, Parent(script)) for _ in range(FAMILIES)]

    async def text(self, number: int) -> bool:
        """Posts the next text of family ``number`` (counted round); whether it was answered with 200 in time."""
        sender, parent = self._families[number % FAMILIES]
        message = {"sender": sender, "message": parent.says(MILESTONE)}
        try:
            answer = await self._client.post(self._url, json=message)
        except httpx.HTTPError:
            return False
        return answer.status_code == httpx.codes.OK


def measure_waiting_webhook(folder: Path) -> list[tuple[int, Spread]]:
    """Each rate and how long its acknowledgements took. Raises NotTrained, NotReady."""
    model = train_peer(folder)
    return [(rate, _at(rate, folder, model)) for rate in RATES]


def _at(rate: int, folder: Path, model: Path) -> Spread:
    with running_peer(folder, model) as peer:
        sent = asyncio.run(_measure(peer.url, rate))
    return spread([one.seconds for one in sent])


async def _measure(url: str, rate: int) -> list[Sent]:
    async with one_shot_client() as client:
        await at_rate(2, 4, WaitingFamilies(client, url).text)  # fills caches; not counted
        return await at_rate(rate, RATE_SECONDS, WaitingFamilies(client, url).text)
