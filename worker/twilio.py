"""Sends texts through Twilio, or whatever answers at TWILIO_API_URL, and says plainly what became of each send.

Creating a message has no idempotency key, so a send that timed out may or may not have gone out. Our own id stands in the
status-callback address, and ``find`` looks the message up before anything is sent a second time.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client
from urllib3.exceptions import NewConnectionError

from intake.rules.sms_errors import Next, meaning_of
from intake.settings import TwilioSettings
from intake.usecases.claiming import ToSend

SEND_SECONDS = 10.0
PAGE = 1000  # the most texts Twilio lists at once
MOST_LOOKED_THROUGH = 100  # of the newest texts to one phone
class SendRefused(Exception):
    """Twilio refused the text for good; ``code`` is its error code."""

    def __init__(self, code: str) -> None:
        super().__init__(f"refused: {code}")
        self.code = code


class SendLater(Exception):
    """Nothing was sent and the same send may be tried later; ``within`` seconds it is worth while, if that is known.

    ``aside``: the conversation's other texts need not wait for this one.
    """

    def __init__(self, reason: str, within: float | None = None, *, aside: bool = False) -> None:
        super().__init__(reason)
        self.within = within
        self.aside = aside


class SendHalted(SendLater):
    """Twilio refuses everything we send; ``code`` is its error code. Nothing was sent."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class SendUnclear(Exception):
    """The text may or may not have gone out."""


@dataclass(frozen=True)
class InboundText:
    """A text that reached Twilio for us, as its list has it: ``sid``, ``sender`` (E.164 or a short code), words, pictures."""

    sid: str
    sender: str
    text: str
    media_count: int
    at: datetime


class _ToAddress(TwilioHttpClient):  # type: ignore[misc]  # the library carries no types
    """The library's own client with a time limit, sent to the configured address instead of api.twilio.com."""

    def __init__(self, base: str, seconds: float) -> None:
        super().__init__(timeout=seconds)
        self._base = urlsplit(base)

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Response:
        parts = urlsplit(url)
        moved = urlunsplit((self._base.scheme, self._base.netloc, parts.path, parts.query, ""))
        return super().request(method, moved, *args, **kwargs)


class TwilioSender:
    """One account's sender. ``callback_base`` is the public address Twilio reports to."""

    def __init__(self, settings: TwilioSettings, callback_base: str, seconds: float = SEND_SECONDS,
                 page: int = PAGE) -> None:
        self._settings = settings
        self._callback_base = callback_base
        self._page = page
        self._client = Client(settings.account_sid, settings.tokens()[0],
                              http_client=_ToAddress(settings.api_url, seconds))

    def send(self, text: ToSend) -> tuple[str, int | None]:
        """Sends ``text``; returns Twilio's id and the segments. Raises SendRefused, SendLater or SendUnclear."""
        origin = ({"messaging_service_sid": self._settings.messaging_service_sid} if self._settings.messaging_service_sid
                  else {"from_": self._settings.sender})
        try:
            message = self._client.messages.create(to=text.phone, body=text.text, validity_period=text.validity_seconds, **origin,
                                                   status_callback=f"{self._callback_base}/sms/status/{text.message_id}")
        except TwilioException as error:
            raise _meaning(error) from None
        except requests.ConnectionError as error:
            raise (SendLater("not connected") if _never_connected(error) else SendUnclear("connection lost")) from None
        except (requests.RequestException, ValueError) as error:  # ValueError: an answer that cannot be read
            raise SendUnclear(type(error).__name__) from None
        return str(message.sid), int(message.num_segments or 0) or None

    def find(self, text: ToSend, since: datetime, others: Collection[str] = ()) -> str | None:
        """Twilio's id of a text with these words to this phone made after ``since``, or None. Raises SendLater.

        ``others`` are ids known to be of other texts: the same question may have been asked twice. Twilio is not asked for a
        range of time, because a text that still waits there has no time of sending.
        """
        listed = _looked_up(lambda: self._client.messages.list(to=text.phone, limit=MOST_LOOKED_THROUGH))
        return next((str(message.sid) for message in listed if str(message.body or "").strip() == text.text.strip()
                     and message.sid not in others and message.date_created >= since), None)

    def received_since(self, since: datetime) -> list[InboundText]:
        """Every text that reached our number (or, without one, our messaging service) since then, oldest first.

        Raises SendLater when the look-up fails.
        """
        to = {"to": self._settings.sender} if self._settings.sender else {}
        listed = _looked_up(lambda: self._client.messages.list(date_sent_after=since.astimezone(UTC), page_size=self._page, **to))
        ours = [_inbound(message) for message in listed if message.direction == "inbound" and self._is_ours(message)]
        return sorted(reversed(ours), key=lambda text: text.at)  # reversed: of one second, the later one stands first in the list

    def _is_ours(self, message: Any) -> bool:
        """A text to another number of the account is not; Twilio does not name the service of every inbound text."""
        service = message.messaging_service_sid
        return bool(self._settings.sender) or service is None or service == self._settings.messaging_service_sid

    def fate(self, sid: str) -> tuple[str, str | None] | None:
        """State and error code of a text as Twilio has them now; None when it knows no such text. Raises SendLater."""
        try:
            message = self._client.messages(sid).fetch()
        except TwilioRestException as error:
            if error.status == 404:
                return None
            raise SendLater("the look-up failed") from None
        except (TwilioException, requests.RequestException, ValueError):
            raise SendLater("the look-up failed") from None
        return str(message.status), None if message.error_code is None else str(message.error_code)


def _looked_up(ask: Callable[[], list[Any]]) -> list[Any]:
    """What Twilio's list holds. Raises SendLater: an answer that cannot be read (ValueError) is no answer either."""
    try:
        return ask()
    except (TwilioException, requests.RequestException, ValueError):
        raise SendLater("the look-up failed") from None


def _inbound(message: Any) -> InboundText:
    at = message.date_sent or message.date_created
    return InboundText(str(message.sid), str(message.from_ or ""), str(message.body or ""), int(message.num_media or 0), at)


def _meaning(error: TwilioException) -> Exception:
    status = int(getattr(error, "status", 0) or 0)
    code = str(getattr(error, "code", None) or status)
    if status >= 500 or status == 0:
        return SendUnclear(code)
    what_next = meaning_of(code).next
    if what_next is Next.HALT or status in (401, 403):
        return SendHalted(code)
    if what_next is Next.RETRY_SOON or status == 429:
        return SendLater(code)
    return SendRefused(code)


def _never_connected(error: requests.ConnectionError) -> bool:
    """Whether nothing can have left: no name, no route, or nobody there."""
    reason = getattr(error.args[0] if error.args else None, "reason", None)
    return isinstance(error, requests.ConnectTimeout) or isinstance(reason, NewConnectionError)
