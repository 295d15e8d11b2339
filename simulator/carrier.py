"""The carrier's memory: every message, which phones have said STOP, and a history nobody can rewrite.

A message has two lives here. Twilio's copy can be redacted or deleted through the API, as the worker does
after some days; the copy on the parent's handset stays what it was. The history keeps both and is what fault
tests measure the program against.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal
from uuid import uuid4

from simulator.segments import Segmentation, count_segments

# https://www.twilio.com/docs/messaging/tutorials/advanced-opt-out: the words a long code obeys by default,
# when they are the whole message.
OPT_OUT_WORDS = frozenset({"STOP", "UNSUBSCRIBE", "END", "QUIT", "STOPALL", "REVOKE", "OPTOUT", "CANCEL"})
OPT_IN_WORDS = frozenset({"START", "UNSTOP"})
HELP_WORDS = frozenset({"HELP", "INFO"})
# YES lifts a block, but is an ordinary answer to a question when there is none.
OPT_IN_WHEN_BLOCKED = OPT_IN_WORDS | {"YES"}

OptOutType = Literal["STOP", "START", "HELP"]
Direction = Literal["inbound", "outbound-api", "outbound-reply"]
FINAL_STATUSES = frozenset({"delivered", "undelivered", "failed", "received"})


@dataclass(eq=False)
class Message:
    """One text, in either direction. Times are in UTC and whole seconds, as the API states them.

    `handset_text` is what the phone shows; `body` is Twilio's copy. `listed` is false once deleted and
    for the carrier's own replies, which the API never shows. `change` numbers the latest change, for a page
    that polls.
    """

    sid: str
    direction: Direction
    phone: str
    body: str
    handset_text: str
    count: Segmentation
    status: str
    sequence: int
    change: int
    date_created: datetime
    date_updated: datetime
    date_sent: datetime | None = None
    num_media: int = 0
    messaging_service_sid: str | None = None
    status_callback: str | None = None
    validity_period: int | None = None
    error_code: int | None = None
    webhook_status: int | None = None
    webhook_done: bool = False
    listed: bool = True

    @property
    def is_final(self) -> bool:
        """Whether nothing more will happen to it; only then may Twilio's copy be redacted or deleted."""
        return self.status in FINAL_STATUSES


@dataclass
class Carrier:
    """All messages between one program number and the phones that text it."""

    program_number: str
    messages: dict[str, Message] = field(default_factory=dict)
    blocked: set[str] = field(default_factory=set)
    history: list[dict[str, object]] = field(default_factory=list)
    # Names the time from one reset to the next, so that an open page notices that its thread is gone.
    run: str = field(default_factory=lambda: uuid4().hex)
    _changes: int = 0
    # The same messages again by phone, and those of all phones to the program, each oldest first: a long run holds many.
    _by_phone: dict[str, list[Message]] = field(default_factory=dict)
    _inbound: list[Message] = field(default_factory=list)

    def note(self, event: str, **facts: object) -> None:
        """Append one event to the history."""
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        self.history.append({"seq": len(self.history) + 1, "at": at, "event": event, **facts})

    def reset(self) -> None:
        """Forget everything, the history too. Deliveries under way end where they are."""
        for kept in (self.messages, self._by_phone, self._inbound):
            kept.clear()
        self.blocked.clear()
        self.history.clear()
        self.run = uuid4().hex

    def accept(
        self,
        phone: str,
        body: str,
        *,
        messaging_service_sid: str | None = None,
        status_callback: str | None = None,
        validity_period: int | None = None,
    ) -> Message:
        """Take a message from the program for `phone`; it is on its way from now on."""
        message = self._add("outbound-api", phone, body, "accepted" if messaging_service_sid else "queued")
        message.messaging_service_sid = messaging_service_sid
        message.status_callback = status_callback
        message.validity_period = validity_period
        self.note("message_accepted", sid=message.sid, phone=phone, body=body, callback=status_callback)
        return message

    def receive(self, phone: str, text: str, *, num_media: int = 0, sid: str | None = None) -> Message:
        """Take a text from `phone`. A `sid` that is known already is the same text once more."""
        if sid and sid in self.messages:
            self.note("inbound_repeated", sid=sid, phone=phone)
            return self.messages[sid]
        message = self._add("inbound", phone, text, "received", num_media=num_media, sid=sid)
        message.date_sent = message.date_created
        self.note("inbound_received", sid=message.sid, phone=phone, body=text, num_media=num_media)
        return message

    def obey_keyword(self, phone: str, text: str) -> OptOutType | None:
        """Obey `text` when it is one of the carrier's own words: block or unblock `phone`, and answer."""
        kind = self._keyword(phone, text)
        if kind == "STOP" and phone not in self.blocked:
            self.blocked.add(phone)
            self.note("blocked", phone=phone)
        elif kind == "START" and phone in self.blocked:
            self.blocked.remove(phone)
            self.note("unblocked", phone=phone)
        elif kind != "HELP":
            # A second STOP, or START from a phone that is not blocked, changes nothing and is not answered.
            return kind
        self._reply_as_carrier(phone, kind)
        return kind

    def move(self, message: Message, status: str, error_code: int | None = None) -> None:
        """Put `message` into its next status, at this moment."""
        message.status, message.error_code = status, error_code
        if status == "sent":
            message.date_sent = _now()
        self.note("status_changed", sid=message.sid, status=status, error_code=error_code)
        self._touch(message)

    def settle_webhook(self, message: Message, status: int | None) -> None:
        """Remember how the program answered the webhook of an inbound message (None: it did not)."""
        message.webhook_status, message.webhook_done = status, True
        self._touch(message)

    def redact(self, message: Message) -> None:
        """Empty Twilio's copy of the text."""
        message.body = ""
        self.note("message_redacted", sid=message.sid)
        self._touch(message)

    def delete(self, message: Message) -> None:
        """Remove Twilio's copy."""
        message.listed = False
        self.note("message_deleted", sid=message.sid)

    def listed(self, sid: str) -> Message | None:
        """The message with this id, unless it is deleted or never was in the API."""
        message = self.messages.get(sid)
        return message if message and message.listed else None

    def newest_first(self, *, phone: str | None = None, inbound: bool = False) -> Iterator[Message]:
        """The messages the API shows, the newest first: all, those of one `phone`, or those of all phones to the program."""
        if phone is not None:
            candidates: Iterator[Message] = reversed(self._by_phone.get(phone, []))
        else:
            candidates = reversed(self._inbound) if inbound else reversed(self.messages.values())
        return (message for message in candidates if message.listed)

    def thread(self, phone: str, after: int = 0) -> list[Message]:
        """What `phone` shows, oldest first, as far as it is new or changed since change number `after`."""
        return [message for message in self._by_phone.get(phone, []) if message.change > after]

    def phones(self) -> list[str]:
        """Every phone with a thread, the one used last at the front."""
        return sorted(self._by_phone, key=lambda phone: self._by_phone[phone][-1].sequence, reverse=True)

    def _keyword(self, phone: str, text: str) -> OptOutType | None:
        word = text.strip().upper()
        if word in OPT_OUT_WORDS:
            return "STOP"
        if word in (OPT_IN_WHEN_BLOCKED if phone in self.blocked else OPT_IN_WORDS):
            return "START"
        return "HELP" if word in HELP_WORDS else None

    def _reply_as_carrier(self, phone: str, kind: OptOutType) -> None:
        reply = self._add("outbound-reply", phone, _carrier_replies()[kind], "delivered")
        reply.listed = False
        self.note("carrier_replied", phone=phone, kind=kind)

    def _add(
        self,
        direction: Direction,
        phone: str,
        body: str,
        status: str,
        *,
        num_media: int = 0,
        sid: str | None = None,
    ) -> Message:
        now = _now()
        message = Message(
            sid=sid or f"{'MM' if num_media else 'SM'}{uuid4().hex}",
            direction=direction,
            phone=phone,
            body=body,
            handset_text=body,
            count=count_segments(body),
            status=status,
            sequence=self._next_change(),
            change=self._changes,
            date_created=now,
            date_updated=now,
            num_media=num_media,
        )
        self.messages[message.sid] = message
        self._by_phone.setdefault(phone, []).append(message)
        if direction == "inbound":
            self._inbound.append(message)
        return message

    def _touch(self, message: Message) -> None:
        message.date_updated = _now()
        message.change = self._next_change()

    def _next_change(self) -> int:
        # The count goes on over a reset, so that a page that polls does not take new texts for old ones.
        self._changes += 1
        return self._changes


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def _carrier_replies() -> dict[OptOutType, str]:
    replies: dict[OptOutType, str] = json.loads(
        Path(__file__).with_name("carrier_replies.json").read_text(encoding="utf-8")
    )
    return replies
