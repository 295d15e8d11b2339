"""Signed posts to the program: inbound texts and delivery receipts, the way Twilio makes them.

A post may be tried again, by the rules Twilio states for connection overrides: by default once more when no
connection could be made, and never after a 5xx or a timeout. The fragment of the address
(`https://…/sms/inbound#rc=3&rp=5xx,ct`) changes that; it is neither sent nor signed.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs, urldefrag, urlsplit, urlunsplit
from uuid import uuid4

import httpx
from twilio.request_validator import RequestValidator

from simulator.settings import Settings


@dataclass(frozen=True)
class RetryRules:
    """Connection overrides. Times are in seconds; `policy` names the failures that are tried again."""

    retries: int = 1
    policy: frozenset[str] = frozenset({"ct"})
    connect: float = 5.0
    read: float = 15.0
    total: float = 15.0

    def retries_on(self, failure: str | None) -> bool:
        """Whether `failure` (4xx, 5xx, ct, rt, or None for success) is one to try again."""
        return failure is not None and bool(self.policy & {failure, "all"})


@dataclass(frozen=True)
class Answer:
    """How a post ended: the last answer's status (None when there was none) and the number of tries."""

    status: int | None
    attempts: int
    failure: str | None


def read_retry_rules(fragment: str) -> RetryRules:
    """The rules written in an address's fragment, kept within the ranges Twilio allows."""
    given = {name: values[-1] for name, values in parse_qs(fragment).items()}
    return RetryRules(
        retries=int(_within(given.get("rc"), 1, 0, 5)),
        policy=frozenset(given.get("rp", "ct").split(",")),
        connect=_within(given.get("ct"), 5000, 100, 10000) / 1000,
        read=_within(given.get("rt"), 15000, 100, 15000) / 1000,
        total=_within(given.get("tt"), 15000, 100, 15000) / 1000,
    )


def _within(value: str | None, default: int, low: int, high: int) -> float:
    return max(low, min(high, int(value))) if value and value.isascii() and value.isdigit() else default


class Webhooks:
    """Posts forms to the program, signed with the account's first token."""

    def __init__(self, settings: Settings, client: httpx.AsyncClient) -> None:
        self._settings = settings
        self._client = client
        self._validator = RequestValidator(settings.auth_tokens[0])

    async def post_inbound(self, fields: Mapping[str, str]) -> Answer:
        """Post an inbound text to the program's webhook."""
        return await self._post(self._settings.webhook_url, self._public_webhook_url(), fields)

    async def post_receipt(self, callback_url: str, fields: Mapping[str, str]) -> Answer:
        """Post a delivery receipt to the address the message was sent with."""
        return await self._post(self._local_form(callback_url), callback_url, fields)

    def _public_webhook_url(self) -> str:
        local = urlsplit(self._settings.webhook_url)
        if self._settings.signing_url is None:
            return self._settings.webhook_url
        return self._settings.signing_url + urlunsplit(("", "", local.path, local.query, ""))

    def _local_form(self, url: str) -> str:
        public = self._settings.signing_url
        if public is None or not url.startswith(public + "/"):
            return url
        local = urlsplit(self._settings.webhook_url)
        return f"{local.scheme}://{local.netloc}{url.removeprefix(public)}"

    async def _post(self, url: str, signed_url: str, fields: Mapping[str, str]) -> Answer:
        address, fragment = urldefrag(url)
        rules = read_retry_rules(fragment)
        headers = {
            "X-Twilio-Signature": self._validator.compute_signature(urldefrag(signed_url).url, dict(fields)),
            "I-Twilio-Idempotency-Token": str(uuid4()),
            "User-Agent": "TwilioProxy/1.1",
        }
        timeout = httpx.Timeout(rules.read, connect=rules.connect)
        request = self._client.build_request("POST", address, data=fields, headers=headers, timeout=timeout)
        clock = asyncio.get_running_loop().time
        deadline = clock() + rules.total
        for attempt in range(1, rules.retries + 2):
            answer = await self._try(request, attempt, deadline)
            if not rules.retries_on(answer.failure) or clock() >= deadline:
                break
        return answer

    async def _try(self, request: httpx.Request, attempt: int, deadline: float) -> Answer:
        try:
            async with asyncio.timeout_at(deadline):
                response = await self._client.send(request)
        except (httpx.ConnectError, httpx.ConnectTimeout):
            return Answer(None, attempt, "ct")
        except (httpx.HTTPError, TimeoutError):
            return Answer(None, attempt, "rt")
        family = f"{response.status_code // 100}xx"
        return Answer(response.status_code, attempt, family if family in {"4xx", "5xx"} else None)
