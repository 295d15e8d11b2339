"""Delivery: a message that was accepted goes to the handset step by step, and each step is reported.

Twilio reports every step but the first, which the API's own answer has told already: `sent` and `delivered`
for a message from a number, and `queued` before them for one from a messaging service
(https://www.twilio.com/docs/messaging/guides/outbound-message-status-in-status-callbacks).
"""

import asyncio

from simulator.carrier import Carrier, Message
from simulator.faults import Faults
from simulator.settings import Settings
from simulator.webhooks import Webhooks

Receipt = tuple[str, int | None]

# More posts at once do not get through faster, and a crowd of waiting ones slows the HTTP client down.
POSTS_AT_ONCE = 20


class Deliveries:
    """Moves accepted messages to the handset in the background and posts their receipts."""

    def __init__(self, settings: Settings, carrier: Carrier, faults: Faults, webhooks: Webhooks) -> None:
        self._settings = settings
        self._carrier = carrier
        self._faults = faults
        self._webhooks = webhooks
        self._lines = asyncio.Semaphore(POSTS_AT_ONCE)
        self._under_way: set[asyncio.Task[None]] = set()

    def start(self, message: Message) -> None:
        """Begin to deliver `message`; returns at once."""
        task = asyncio.create_task(self._deliver(message))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def stop(self) -> None:
        """Give up the deliveries under way, as when the simulator ends or is reset."""
        tasks = list(self._under_way)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _deliver(self, message: Message) -> None:
        held: list[Receipt] = []
        for status, error_code in self._steps(message):
            await asyncio.sleep(self._settings.receipt_delay)
            self._carrier.move(message, status, error_code)
            held += self._copies(message, (status, error_code))
            if not self._faults.holds_receipts():
                await self._post_all(message, held)
                held = []
        if held:
            await asyncio.sleep(self._faults.script.callbacks.late_seconds)
            await self._post_all(message, self._faults.shuffled(held))

    def _steps(self, message: Message) -> list[Receipt]:
        fault = self._faults.next_handset_fault()
        steps: list[Receipt] = [("queued", None)] if message.status == "accepted" else []
        if fault and fault.status == "failed":
            return [*steps, ("failed", fault.error_code)]
        end: Receipt = (fault.status, fault.error_code) if fault else ("delivered", None)
        return [*steps, ("sent", None), end]

    def _copies(self, message: Message, receipt: Receipt) -> list[Receipt]:
        if message.status_callback is None:
            return []
        copies = self._faults.receipt_copies()
        if copies == 0:
            self._carrier.note("callback_dropped", sid=message.sid, status=receipt[0])
        return [receipt] * copies

    async def _post_all(self, message: Message, receipts: list[Receipt]) -> None:
        for receipt in receipts:
            await self._post(message, receipt)

    async def _post(self, message: Message, receipt: Receipt) -> None:
        if message.status_callback is None:
            return
        fields = self._fields(message, receipt)
        async with self._lines:
            answer = await self._webhooks.post_receipt(message.status_callback, fields)
        self._carrier.note(
            "callback_posted",
            sid=message.sid,
            status=receipt[0],
            answered=answer.status,
            attempts=answer.attempts,
        )

    def _fields(self, message: Message, receipt: Receipt) -> dict[str, str]:
        status, error_code = receipt
        fields = {
            "MessageSid": message.sid,
            "MessageStatus": status,
            "SmsSid": message.sid,
            "SmsStatus": status,
            "AccountSid": self._settings.account_sid,
            "From": self._settings.program_number,
            "To": message.phone,
            "ApiVersion": "2010-04-01",
        }
        if message.messaging_service_sid:
            fields["MessagingServiceSid"] = message.messaging_service_sid
        if error_code is not None:
            fields["ErrorCode"] = str(error_code)
        return fields
