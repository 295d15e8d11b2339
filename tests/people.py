"""The people of the end-to-end tests: a parent with a phone, a family at a web page, a coordinator at the console.

They know the system only from outside: the simulator's phone, the web-chat interface, the console's pages.
"""

from __future__ import annotations

import html
import re
import time
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import uuid4

import httpx

ANSWER_SECONDS = 20.0
_CASE = re.compile(r'href="/cases/([0-9a-f-]{36})"')
_CSRF = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


class NoAnswer(AssertionError):
    """Nothing came back in time."""


class Parent(Protocol):
    """Somebody who writes and reads."""

    def says(self, text: str) -> str:
        """Writes ``text`` and returns everything that is answered."""
        ...


@dataclass
class Phone:
    """A parent's phone at the simulated carrier."""

    simulator: str
    number: str
    seconds: float = ANSWER_SECONDS
    _seen: int = 0
    _client: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=15))

    def sends(self, text: str | None, *, media: int = 0, sid: str | None = None) -> dict[str, Any]:
        """Sends a text and does not wait for the answer."""
        body = {"text": text, "media": media, "sid": sid}
        answer = self._client.post(f"{self.simulator}/simulator/phones/{self.number}/messages", json=body)
        answer.raise_for_status()
        return dict(answer.json())

    def says(self, text: str | None, *, media: int = 0) -> str:
        """Sends a text and waits for the answer: the texts that arrive until nothing more does."""
        before = len(self.received())
        self.sends(text, media=media)
        return self.waits_for_answer(before)

    def waits_for_answer(self, before: int) -> str:
        """The texts beyond the first ``before`` that have arrived, once they have stopped coming."""
        end = time.monotonic() + self.seconds
        while time.monotonic() < end:
            texts = self.received()
            if len(texts) > before:
                time.sleep(0.15)
                return "\n".join(self.received()[before:])
            time.sleep(0.05)
        raise NoAnswer(f"no text came back within {self.seconds} s")

    def received(self) -> list[str]:
        """All texts that have come to this phone from the program, oldest first."""
        answer = self._client.get(f"{self.simulator}/simulator/phones/{self.number}/messages")
        answer.raise_for_status()
        return [message["text"] for message in answer.json()["messages"] if message["from"] == "program"]


@dataclass
class WebVisitor:
    """A family at the web chat, without a browser: the public interface alone."""

    gateway: str
    language: str | None = None
    seconds: float = ANSWER_SECONDS
    conversation: str = ""
    _token: str = ""
    _after: int = 0
    last: dict[str, Any] = field(default_factory=dict)
    _client: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=40))

    def opens(self) -> str:
        """Opens the chat and returns the greeting."""
        answer = self._client.post(f"{self.gateway}/chat/sessions", json={"language": self.language} if self.language else {})
        assert answer.status_code == 201, answer.text
        self.conversation, self._token = answer.json()["conversation"], answer.json()["token"]
        return self._answer()

    def says(self, text: str) -> str:
        """Says ``text`` and returns what is answered."""
        body = {"client_msg_id": uuid4().hex, "text": text}
        answer = self._client.post(f"{self.gateway}/chat/messages", json=body, headers=self._headers())
        while answer.status_code == 429:  # faster than any person: waits as the page does, and repeats the same message
            time.sleep(float(answer.headers["Retry-After"]))
            answer = self._client.post(f"{self.gateway}/chat/messages", json=body, headers=self._headers())
        assert answer.status_code == 202, answer.text
        return self._answer()

    def _answer(self) -> str:
        end = time.monotonic() + self.seconds
        while time.monotonic() < end:
            answer = self._client.get(f"{self.gateway}/chat/messages", params={"after": self._after, "wait": 5},
                                      headers=self._headers())
            answer.raise_for_status()
            messages = answer.json()["messages"]
            spoken = [message for message in messages if message["from"] != "you"]
            self._after = max([self._after, *(message["seq"] for message in messages)])
            if spoken:
                self.last = spoken[-1]
                return "\n".join(message["text"] for message in spoken)
        raise NoAnswer(f"no answer within {self.seconds} s")

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token}"}


@dataclass
class Coordinator:
    """A member of staff at the console, over plain HTTP."""

    console: str
    email: str
    password: str
    _client: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=60, follow_redirects=True))
    _form_token: str = ""

    def signs_in(self) -> None:
        """Signs in; fails when the console refuses."""
        page = self._client.get(f"{self.console}/")
        form = {"email": self.email, "password": self.password, "csrf_token": _token(page.text)}
        answer = self._client.post(str(page.url), data=form)
        assert answer.status_code == 200 and "/login" not in str(answer.url), answer.url
        self._form_token = _token(answer.text)

    def queue(self) -> str:
        """The text of all pages of the queue."""
        return " ".join(_as_read(page) for page in self._pages_of_queue())

    def queued(self) -> set[str]:
        """The ids of the conversations on all pages of the queue."""
        return {id_ for page in self._pages_of_queue() for id_ in _CASE.findall(page)}

    def _pages_of_queue(self) -> list[str]:
        pages = [self._page("/")]
        while 'rel="next"' in pages[-1]:
            pages.append(self._page(f"/?page={len(pages) + 1}"))
        return pages

    def case(self, conversation_id: str) -> str:
        """The text of a case's page, as a reader sees it."""
        return self._text(f"/cases/{conversation_id}")

    def moves(self, conversation_id: str, referral_id: str, to: str, version: int, source: str = "staff") -> httpx.Response:
        """Moves a referral as the form of the case's page does; answers 303 where it is done."""
        form = {"to": to, "version": str(version), "source": source, "reason": "", "note": ""}
        return self._sends(f"/cases/{conversation_id}/referrals/{referral_id}/moves", form)

    def clears(self, conversation_id: str, flag_id: str, because: str) -> httpx.Response:
        """Clears a flag as the form of the case's page does; answers 303 where it is done."""
        return self._sends(f"/cases/{conversation_id}/flags/{flag_id}/clear", {"because": because})

    def _sends(self, path: str, form: dict[str, str]) -> httpx.Response:
        """Sends a form, and does not look at the page that it leads to."""
        return self._client.post(self.console + path, data=form | {"csrf_token": self._form_token}, follow_redirects=False)

    def _page(self, path: str) -> str:
        answer = self._client.get(f"{self.console}{path}")
        assert answer.status_code == 200, answer.status_code
        return answer.text

    def _text(self, path: str) -> str:
        return _as_read(self._page(path))


def _as_read(page: str) -> str:
    """The words of a page, without what marks them up."""
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)))


def _token(page: str) -> str:
    found = _CSRF.search(page)
    assert found, "the page has no form token"
    return found.group(1)
