"""Sends texts through Twilio, or whatever answers at TWILIO_API_URL, and says plainly what became of each send.

Creating a message has no idempotency key, so a send that timed out may or may not have gone out. Our own id stands in the
status-callback address, and ``find`` looks the message up before anything is sent a second time.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client

from intake.settings import TwilioSettings
from intake.usecases.delivery import ToSend

SEND_SECONDS = 10.0
_NOT_NOW = frozenset({401, 403, 429})  # our sign-in is wrong or we are too fast: nothing was sent, and the text must not be lost
_TRY_LATER = frozenset({429, 20429, 30001})  # "never processed and always safe to retry" (twilio.com/docs/errors/20429)


class SendRefused(Exception):
    """Twilio refused the text for good; ``code`` is its error code."""

    def __init__(self, code: str) -> None:
        super().__init__(f"refused: {code}")
        self.code = code


class SendLater(Exception):
    """Nothing was sent and the same send may be tried later."""


class SendUnclear(Exception):
    """The text may or may not have gone out."""


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

    def __init__(self, settings: TwilioSettings, callback_base: str, seconds: float = SEND_SECONDS) -> None:
        self._settings = settings
        self._callback_base = callback_base
        self._client = Client(settings.account_sid, settings.tokens()[0],
                              http_client=_ToAddress(settings.api_url, seconds))

    def send(self, text: ToSend) -> tuple[str, int | None]:
        """Sends ``text``; returns Twilio's id and the segments. Raises SendRefused, SendLater or SendUnclear."""
        origin = ({"messaging_service_sid": self._settings.messaging_service_sid} if self._settings.messaging_service_sid
                  else {"from_": self._settings.sender})
        try:
            message = self._client.messages.create(to=text.phone, body=text.text, **origin,
                                                   status_callback=f"{self._callback_base}/sms/status/{text.message_id}")
        except TwilioRestException as error:
            raise _meaning(error) from None
        except requests.ConnectionError as error:
            raise (SendLater("not connected") if _never_connected(error) else SendUnclear("connection lost")) from None
        except requests.RequestException as error:
            raise SendUnclear(type(error).__name__) from None
        return str(message.sid), int(message.num_segments or 0) or None

    def find(self, text: ToSend, since: datetime, others: Collection[str] = ()) -> str | None:
        """Twilio's id of a text with these words to this phone sent after ``since``, or None. Raises SendLater.

        ``others`` are ids known to be of other texts: the same question may have been asked twice.
        """
        try:
            found = self._client.messages.list(to=text.phone, date_sent_after=since, limit=100)
        except (TwilioRestException, requests.RequestException):
            raise SendLater("the look-up failed") from None
        return next((str(message.sid) for message in found if message.body == text.text and message.sid not in others), None)


def _meaning(error: TwilioRestException) -> Exception:
    if error.status in _NOT_NOW or error.code in _TRY_LATER:
        return SendLater(str(error.code))
    if error.status >= 500:
        return SendUnclear(str(error.status))
    return SendRefused(str(error.code or error.status))


def _never_connected(error: requests.ConnectionError) -> bool:
    return isinstance(error, requests.ConnectTimeout) or "NewConnectionError" in repr(error)
