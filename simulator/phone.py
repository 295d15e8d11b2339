"""The parents' side: phones that text the program, on a web page or through a small JSON interface.

`POST /simulator/phones/+18605550142/messages` with `{"text": "hola"}` does what a real text does: the carrier
obeys its own words (STOP), the message is in the list of messages, and a signed webhook goes to the program.
"""

import re
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse
from fastapi.templating import Jinja2Templates
from pydantic import BaseModel, ConfigDict, Field

from simulator.carrier import Carrier, Message, OptOutType
from simulator.faults import Faults
from simulator.settings import Settings
from simulator.webhooks import Answer, Webhooks

FIRST_PHONE = "+18605550142"
# Anything a carrier may hand over as a sender: a number, a short code, a name, whatsapp:+1…
_SENDER = re.compile(r"[+A-Za-z0-9][A-Za-z0-9:+ _.-]{0,39}")
# The page loads nothing from elsewhere and runs no script but its own.
_PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


class InboundText(BaseModel):
    """What a parent sends. Without `text` the webhook has no Body at all, as some picture messages do.

    `media` is the number of pictures, `sid` repeats or fixes the message's id, and `fields` adds or replaces
    fields of the webhook, because Twilio adds new ones without notice.
    """

    model_config = ConfigDict(extra="forbid")

    text: Annotated[str, Field(max_length=20_000)] | None = None
    media: Annotated[int, Field(ge=0, le=10)] = 0
    sid: Annotated[str, Field(pattern=r"^(SM|MM)[0-9a-f]{32}$")] | None = None
    fields: dict[str, str] = {}


class Phones:
    """The phones of all parents: their page, their threads, and what they send."""

    def __init__(self, settings: Settings, carrier: Carrier, faults: Faults, webhooks: Webhooks) -> None:
        self._settings = settings
        self._carrier = carrier
        self._faults = faults
        self._webhooks = webhooks
        self._templates = Jinja2Templates(Path(__file__).with_name("templates"))

    def router(self) -> APIRouter:
        """The routes, to be included in the application."""
        router = APIRouter()
        router.add_api_route("/", self.page, methods=["GET"], response_class=HTMLResponse)
        router.add_api_route("/simulator/phones", self.list_phones, methods=["GET"])
        router.add_api_route("/simulator/phones/{number}/messages", self.read_thread, methods=["GET"])
        router.add_api_route("/simulator/phones/{number}/messages", self.send_text, methods=["POST"])
        return router

    async def page(self, request: Request, number: str = FIRST_PHONE) -> HTMLResponse:
        """The page that looks like a phone; `?number=` picks which one."""
        phone = read_number(number)
        shown = {"phone": phone or FIRST_PHONE, "program": self._settings.program_number}
        headers = {"Content-Security-Policy": _PAGE_POLICY, "Cache-Control": "no-store"}
        return self._templates.TemplateResponse(request, "phone.html", shown, headers=headers)

    async def list_phones(self) -> dict[str, object]:
        """The numbers of all phones that have a thread, the one used last first."""
        return {"phones": self._carrier.phones()}

    async def read_thread(self, number: str, after: int = 0) -> dict[str, object]:
        """The texts of one phone that are new or changed since `after`, which is the last answer's `next`."""
        phone = _known_number(number)
        changed = self._carrier.thread(phone, after)
        return {
            "phone": phone,
            "run": self._carrier.run,
            "messages": [_as_shown(message) for message in changed],
            "next": max((message.change for message in changed), default=after),
            "blocked": phone in self._carrier.blocked,
            "faults": self._faults.active,
        }

    async def send_text(self, number: str, sent: InboundText) -> dict[str, object]:
        """Send a text from this phone; answers when the program's webhook has answered, or has not."""
        phone = _known_number(number)
        repeated = sent.sid is not None and sent.sid in self._carrier.messages
        message = self._carrier.receive(phone, sent.text or "", num_media=sent.media, sid=sent.sid)
        kind = None if repeated else self._carrier.obey_keyword(phone, sent.text or "")
        answer = await self._deliver_webhook(message, self._fields(message, sent, kind))
        self._carrier.settle_webhook(message, answer.status if answer else None)
        return {
            "sid": message.sid,
            "webhook_status": answer.status if answer else None,
            "attempts": answer.attempts if answer else 0,
        }

    async def _deliver_webhook(self, message: Message, fields: dict[str, str]) -> Answer | None:
        answer = None
        for _ in range(self._faults.webhook_copies()):
            answer = await self._webhooks.post_inbound(fields)
            facts = {"answered": answer.status, "attempts": answer.attempts, "failure": answer.failure}
            self._carrier.note("webhook_posted", sid=message.sid, **facts)
        if answer is None:
            self._carrier.note("webhook_dropped", sid=message.sid)
        return answer

    def _fields(self, message: Message, sent: InboundText, kind: OptOutType | None) -> dict[str, str]:
        fields = {
            "MessageSid": message.sid,
            "SmsSid": message.sid,
            "SmsMessageSid": message.sid,
            "AccountSid": self._settings.account_sid,
            "From": message.phone,
            "To": self._settings.program_number,
            "NumMedia": str(sent.media),
            "NumSegments": str(message.count.segments),
            "SmsStatus": "received",
            "ApiVersion": "2010-04-01",
            **_PLACES,
        }
        if sent.text is not None:
            fields["Body"] = sent.text
        if self._settings.messaging_service_sid:
            fields["MessagingServiceSid"] = self._settings.messaging_service_sid
        if kind and self._settings.advanced_opt_out:
            fields["OptOutType"] = kind
        return fields | self._media_fields(message) | sent.fields

    def _media_fields(self, message: Message) -> dict[str, str]:
        # The pictures do not exist: the address answers 404, and nothing of the program should ask for it.
        place = f"http://127.0.0.1:{self._settings.port}/2010-04-01/Accounts/{self._settings.account_sid}"
        fields = {}
        for index in range(message.num_media):
            fields[f"MediaUrl{index}"] = f"{place}/Messages/{message.sid}/Media/ME{index:032x}"
            fields[f"MediaContentType{index}"] = "image/jpeg"
        return fields


# Where a number was issued, which says nothing about where a family lives.
_PLACES = {
    "FromCity": "HARTFORD",
    "FromState": "CT",
    "FromZip": "06103",
    "FromCountry": "US",
    "ToCity": "HARTFORD",
    "ToState": "CT",
    "ToZip": "06103",
    "ToCountry": "US",
}


def read_number(text: str) -> str | None:
    """The number as a carrier writes it (`(860) 555-0142` is `+18605550142`); None when it cannot be one."""
    # A plus sign in a query string arrives as a space.
    text = text.strip()
    digits = re.sub(r"[\s().+-]", "", text)
    if re.fullmatch(r"1?[2-9]\d{9}", digits):
        return f"+{digits}" if len(digits) == 11 else f"+1{digits}"
    return text if _SENDER.fullmatch(text) else None


def _known_number(text: str) -> str:
    number = read_number(text)
    if number is None:
        raise HTTPException(422, "This is not a phone number.")
    return number


def _as_shown(message: Message) -> dict[str, object]:
    sides = {"inbound": "parent", "outbound-api": "program", "outbound-reply": "carrier"}
    return {
        "seq": message.sequence,
        "sid": message.sid,
        "from": sides[message.direction],
        "text": message.handset_text,
        "media": message.num_media,
        "status": message.status,
        "error_code": message.error_code,
        "webhook_status": message.webhook_status,
        "webhook_done": message.webhook_done,
        "segments": message.count.segments,
        "encoding": message.count.encoding,
        "at": message.date_created.isoformat(),
    }
