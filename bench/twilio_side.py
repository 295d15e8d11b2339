"""Twilio's side of a bench: signed webhooks posted straight to the gateway, by made-up families that keep texting.

Each post opens a connection of its own and is given 15 seconds, as Twilio does and gives.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from pathlib import Path
from uuid import uuid4

import httpx
from ruamel.yaml import YAML
from twilio.request_validator import RequestValidator

TWILIO_SECONDS = 15.0


def one_shot_client() -> httpx.AsyncClient:
    """A client that keeps no connection, reads no proxy from the environment, and waits as long as Twilio would."""
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
    return httpx.AsyncClient(trust_env=False, limits=limits, timeout=TWILIO_SECONDS)


def texts_of_a_family(path: Path) -> Iterator[str]:
    """What one family says, without end: the script's beginning, then its round."""
    script = YAML(typ="safe").load(path)
    return itertools.chain(script["begins"], itertools.cycle(script["goes_on"]))


class Families:
    """Families with a phone each; whoever is next says the next thing, and Twilio posts it."""

    def __init__(self, client: httpx.AsyncClient, environment: Mapping[str, str], phones: list[str], script: Path) -> None:
        self._client = client
        self._account, self._program = environment["TWILIO_ACCOUNT_SID"], environment["TWILIO_FROM"]
        self._url = environment["SIMULATOR_WEBHOOK_URL"]
        self._validator = RequestValidator(environment["TWILIO_AUTH_TOKEN"])
        self._phones = phones
        self._texts = [texts_of_a_family(script) for _ in phones]
        self.acknowledged: list[str] = []

    async def text(self, number: int, sid: str | None = None) -> bool:
        """Posts the next text of family ``number`` (counted round); whether it was answered with 200 in time."""
        place = number % len(self._phones)
        fields = self._fields(self._phones[place], next(self._texts[place]), sid or f"SM{uuid4().hex}")
        headers = {"X-Twilio-Signature": self._validator.compute_signature(self._url, fields)}
        try:
            answer = await self._client.post(self._url, data=fields, headers=headers)
        except httpx.HTTPError:
            return False
        if answer.status_code != httpx.codes.OK:
            return False
        self.acknowledged.append(fields["MessageSid"])
        return True

    def _fields(self, phone: str, text: str, sid: str) -> dict[str, str]:
        return {"MessageSid": sid, "SmsSid": sid, "SmsMessageSid": sid, "AccountSid": self._account, "From": phone,
                "To": self._program, "Body": text, "NumMedia": "0", "NumSegments": "1", "SmsStatus": "received",
                "ApiVersion": "2010-04-01"}
