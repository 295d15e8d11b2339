"""Twilio's Messages API, as far as the program uses it: send, look up, list, redact and delete.

The real client works against it when its requests are pointed here. `POST Messages.json` takes a form such as
`To=+18605550142&From=+18605550100&Body=…&StatusCallback=http://127.0.0.1:8080/sms/status/…` and answers 201
with the message's JSON. The fault script can make every send go wrong.
"""

import asyncio
import re
import secrets
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import urlsplit

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from simulator.api_errors import ApiError, error_response
from simulator.carrier import Carrier, Message
from simulator.connection import cut_connection
from simulator.faults import Faults, SendFault
from simulator.message_list import as_page, as_resource
from simulator.receipts import Deliveries
from simulator.settings import Settings

LONGEST_BODY = 1600
LONGEST_VALIDITY = 36_000  # seconds; ten hours
_E164 = re.compile(r"\+[1-9]\d{6,14}")
_NORTH_AMERICA = re.compile(r"\+1[2-9]\d{2}[2-9]\d{6}")
# Scheduling is not simulated; taking such a message and sending it at once would be a lie.
_NOT_SIMULATED = ("SendAt", "ScheduleType", "ContentSid", "MediaUrl")

Handler = Callable[[], Awaitable[Response]]


class MessagesApi:
    """The routes of one account."""

    def __init__(self, settings: Settings, carrier: Carrier, faults: Faults, deliveries: Deliveries) -> None:
        self._settings = settings
        self._carrier = carrier
        self._faults = faults
        self._deliveries = deliveries

    def router(self) -> APIRouter:
        """The routes, to be included in the application."""
        messages, one = "/Messages.json", "/Messages/{sid}.json"
        router = APIRouter(prefix="/2010-04-01/Accounts/{account}")
        router.add_api_route(messages, self.create, methods=["POST"])
        router.add_api_route(messages, self.list, methods=["GET"])
        router.add_api_route(one, self.fetch, methods=["GET"])
        router.add_api_route(one, self.redact, methods=["POST"])
        router.add_api_route(one, self.delete, methods=["DELETE"])
        return router

    async def create(self, account: str, request: Request) -> Response:
        """Send a message, or fail the way the fault script says."""

        async def send() -> Response:
            form = {name: str(value) for name, value in (await request.form()).multi_items()}
            fault = self._faults.next_send_fault()
            if fault is None:
                return JSONResponse(as_resource(self._accept(form), self._settings), status_code=201)
            return await self._fail(fault, form, request)

        return await self._answer(account, request, send)

    async def list(self, account: str, request: Request) -> Response:
        """A page of messages in both directions, the newest first."""

        async def page() -> Response:
            query = dict(request.query_params)
            return JSONResponse(as_page(self._carrier, query, self._settings))

        return await self._answer(account, request, page)

    async def fetch(self, account: str, sid: str, request: Request) -> Response:
        """One message as it stands now."""

        async def one() -> Response:
            return JSONResponse(as_resource(self._message(sid), self._settings))

        return await self._answer(account, request, one)

    async def redact(self, account: str, sid: str, request: Request) -> Response:
        """Empty the text of a finished message. No other change is possible."""

        async def emptied() -> Response:
            form = await request.form()
            if form.get("Body") != "":
                raise ApiError(20001, "A message can only be updated to have an empty Body.")
            message = self._finished(sid)
            self._carrier.redact(message)
            return JSONResponse(as_resource(message, self._settings))

        return await self._answer(account, request, emptied)

    async def delete(self, account: str, sid: str, request: Request) -> Response:
        """Remove a finished message from Twilio; the phone keeps it."""

        async def removed() -> Response:
            self._carrier.delete(self._finished(sid))
            return Response(status_code=204)

        return await self._answer(account, request, removed)

    async def _answer(self, account: str, request: Request, handle: Handler) -> Response:
        try:
            self._authenticate(account, request.headers.get("authorization", ""))
            return await handle()
        except ApiError as error:
            self._carrier.note("request_refused", method=request.method, code=error.code)
            return error_response(error)

    def _authenticate(self, account: str, header: str) -> None:
        given = _basic_credentials(header)
        known = [(self._settings.account_sid, token) for token in self._settings.auth_tokens]
        if self._settings.api_key:
            known.append(self._settings.api_key)
        # Every pair is compared, and in constant time, so that the answer's delay tells nothing.
        matches = [secrets.compare_digest(":".join(pair).encode(), given) for pair in known]
        if not any(matches) or account != self._settings.account_sid:
            raise ApiError(20003, "Authenticate")

    def _message(self, sid: str) -> Message:
        message = self._carrier.listed(sid)
        if message is None:
            raise ApiError(20404, f"The requested resource {sid} was not found")
        return message

    def _finished(self, sid: str) -> Message:
        message = self._message(sid)
        if not message.is_final:
            raise ApiError(20009, "Cannot change this resource before it is complete")
        return message

    def _accept(self, form: Mapping[str, str]) -> Message:
        phone = _recipient(form)
        body = _body(form)
        self._check_sender(form)
        if phone in self._carrier.blocked:
            raise ApiError(21610, "Attempt to send to unsubscribed recipient")
        message = self._carrier.accept(
            phone,
            body,
            messaging_service_sid=form.get("MessagingServiceSid"),
            status_callback=_status_callback(form),
            validity_period=_validity_period(form),
        )
        self._deliveries.start(message)
        return message

    def _check_sender(self, form: Mapping[str, str]) -> None:
        service, sender = form.get("MessagingServiceSid"), form.get("From")
        if not service and not sender:
            raise ApiError(21603, "A 'From' phone number is required.")
        if service and service != self._settings.messaging_service_sid:
            raise ApiError(21701, "The Messaging Service does not exist.")
        if sender and _plain_number(sender) != self._settings.program_number:
            raise ApiError(21606, "The 'From' phone number is not an SMS-capable number of this account.")

    async def _fail(self, fault: SendFault, form: Mapping[str, str], request: Request) -> Response:
        message = self._accept(form) if fault.takes_message else None
        self._carrier.note("send_fault", kind=fault.kind, phone=form.get("To"), sid=message and message.sid)
        if fault.kind.startswith("hang"):
            await _wait_or_leave(request, fault.seconds)
        if fault.kind.startswith("reset"):
            await cut_connection(request)
        if fault.kind == "throttle":
            wait = {"Retry-After": str(fault.retry_after)}
            return error_response(ApiError(20429, "Too Many Requests"), wait)
        if fault.kind == "hang_after" and message:
            return JSONResponse(as_resource(message, self._settings), status_code=201)
        status = 503 if fault.kind == "hang_before" else fault.status
        return error_response(ApiError(fault.code or 20500, "Internal Server Error", status=status))


def _basic_credentials(header: str) -> bytes:
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return b""
    try:
        return b64decode(encoded, validate=True)
    except NotBase64:
        return b""


def _plain_number(text: str) -> str:
    return re.sub(r"[\s().-]", "", text)


def _recipient(form: Mapping[str, str]) -> str:
    to = form.get("To", "")
    if not to:
        raise ApiError(21604, "A 'To' phone number is required.")
    number = _plain_number(to)
    pattern = _NORTH_AMERICA if number.startswith("+1") else _E164
    if not pattern.fullmatch(number):
        raise ApiError(21211, f"Invalid 'To' Phone Number: {to}")
    return number


def _body(form: Mapping[str, str]) -> str:
    for name in _NOT_SIMULATED:
        if name in form:
            raise ApiError(20001, f"{name} is not simulated.")
    body = form.get("Body", "")
    if not body:
        raise ApiError(21602, "Message body is required.")
    if len(body) > LONGEST_BODY:
        raise ApiError(21617, "The concatenated message body exceeds the 1600 character limit.")
    return body


def _status_callback(form: Mapping[str, str]) -> str | None:
    address = form.get("StatusCallback")
    if not address:
        return None
    parts = urlsplit(address)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ApiError(21609, "The StatusCallback URL is not a valid URL.")
    return address


def _validity_period(form: Mapping[str, str]) -> int | None:
    text = form.get("ValidityPeriod")
    if text is None:
        return None
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= LONGEST_VALIDITY:
        raise ApiError(20001, f"ValidityPeriod must be from 1 to {LONGEST_VALIDITY} seconds.")
    return int(text)


async def _wait_or_leave(request: Request, seconds: float) -> None:
    """Keep the client waiting, but no longer than it stays on the line."""
    end = asyncio.get_running_loop().time() + seconds
    while asyncio.get_running_loop().time() < end and not await request.is_disconnected():
        await asyncio.sleep(0.02)
