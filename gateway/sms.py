"""Twilio's webhooks: an inbound text, and a receipt for a text of ours.

``POST /sms/inbound`` carries form fields such as ``MessageSid=SM…&AccountSid=AC…&From=+18605550142&To=+18605550100&
Body=hola&NumMedia=0``, signed in ``X-Twilio-Signature``. It is checked, stored with its turn, and answered with an empty
TwiML document; the reply leaves later through the Messages API, so a repeated webhook cannot send it twice.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Request, Response
from starlette.datastructures import FormData
from twilio.request_validator import RequestValidator

from gateway.edge import Edge
from gateway.forms import field_of, read_form
from gateway.incoming import InboundText, Receipt
from gateway.problems import Problem, answers_beside
from gateway.storing import take_in

MOST_MEDIA = 10
_EMPTY_TWIML = '<?xml version="1.0" encoding="UTF-8"?><Response/>'
_TWILIO_ID = re.compile(r"[A-Za-z0-9]{1,40}")
_OPT_OUT_TYPES = frozenset({"STOP", "START", "HELP"})
_ID = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
_SIGNATURE = {"name": "X-Twilio-Signature", "in": "header", "required": True, "schema": {"type": "string"}}


class TwimlResponse(Response):
    """A TwiML document."""

    media_type = "text/xml"


def sms_router(edge: Edge) -> APIRouter:
    """The routes Twilio calls."""
    router = APIRouter(prefix="/sms", tags=["sms"])

    @router.post(
        "/inbound",
        response_class=TwimlResponse,
        responses=answers_beside(400, 403, 408, 413, 503),
        openapi_extra=_documented("MessageSid", "AccountSid", "From", "To"),
    )
    async def inbound(request: Request) -> Response:
        """An inbound text. Answers with an empty TwiML document; the same MessageSid again has no further effect."""
        form = await _signed_form(edge, request)
        _check_is_ours(edge, form)
        edge.metrics.sms.labels(await take_in(edge, _text_of(form))).inc()
        return TwimlResponse(_EMPTY_TWIML)

    @router.post(
        "/status/{id}",
        status_code=204,
        responses=answers_beside(400, 403, 408, 413, 503),
        openapi_extra=_documented("MessageSid", "MessageStatus", path=[_ID]),
    )
    async def status(request: Request) -> Response:
        """What became of our text ``id``. An unknown id or state is taken without a word, or Twilio would try again."""
        form = await _signed_form(edge, request)
        receipt = _receipt_of(request.path_params["id"], form)
        edge.metrics.receipts.labels(await take_in(edge, receipt)).inc()
        return Response(status_code=204)

    return router


async def _signed_form(edge: Edge, request: Request) -> FormData:
    """The form, once its signature is found true. Raises Problem 403 (400 for too many fields)."""
    try:
        form = await read_form(request)
    except Problem as problem:
        if problem.reason == "too_many_fields":
            raise
        raise _forbidden("not_a_form") from None
    signature = request.headers.get("x-twilio-signature", "")
    if not signature:
        raise _forbidden("no_signature")
    if not _is_signed(edge, _signed_url(edge, request), form, signature):
        raise _forbidden("wrong_signature")
    return form


def _signed_url(edge: Edge, request: Request) -> str:
    # Never from Host or X-Forwarded-*: a forged header must not help, and a proxy's mistake must not open the door.
    raw_path: bytes = request.scope.get("raw_path") or request.scope["path"].encode()
    query: bytes = request.scope["query_string"]
    return (
        edge.settings.public_url
        + raw_path.decode("latin-1")
        + (f"?{query.decode('latin-1')}" if query else "")
    )


def _is_signed(edge: Edge, url: str, form: FormData, signature: str) -> bool:
    try:
        return any(RequestValidator(token).validate(url, form, signature) for token in edge.settings.tokens())
    except Exception:  # Whatever breaks the check: it did not succeed.
        return False


def _check_is_ours(edge: Edge, form: FormData) -> None:
    if field_of(form, "AccountSid") != edge.settings.account_sid:
        raise _forbidden("other_account")
    service = edge.settings.messaging_service_sid
    to_number = bool(edge.settings.sender) and field_of(form, "To") == edge.settings.sender
    if not to_number and not (service and field_of(form, "MessagingServiceSid") == service):
        raise _forbidden("other_number")


def _forbidden(reason: str) -> Problem:
    return Problem(403, "forbidden", reason=f"sms_{reason}")


def _text_of(form: FormData) -> InboundText:
    message_sid, opt_out_type = field_of(form, "MessageSid"), field_of(form, "OptOutType")
    if not _TWILIO_ID.fullmatch(message_sid):
        raise Problem(400, "not_a_form", reason="sms_no_message_id")
    return InboundText(
        message_sid=message_sid,
        sender=field_of(form, "From"),
        text=field_of(form, "Body"),
        media_count=media_count(field_of(form, "NumMedia")),
        opt_out_type=opt_out_type if opt_out_type in _OPT_OUT_TYPES else None,
    )


def media_count(text: str) -> int:
    """The number of pictures, 0 to 10, whatever stands in the field. The pictures themselves are never fetched."""
    return min(int(text[:9]), MOST_MEDIA) if text.isascii() and text.isdigit() else 0


def _receipt_of(id: str, form: FormData) -> Receipt:
    sid, error = field_of(form, "MessageSid"), field_of(form, "ErrorCode")
    return Receipt(
        told_of=id,
        provider_sid=sid if _TWILIO_ID.fullmatch(sid) else "",
        state=field_of(form, "MessageStatus"),
        error_code=error[:24] if error.isascii() and error.isdigit() else None,
    )


def _documented(*required: str, path: Sequence[dict[str, Any]] = ()) -> dict[str, Any]:
    schema = {
        "type": "object",
        "required": list(required),
        "properties": {name: {"type": "string"} for name in required},
        "additionalProperties": {"type": "string"},
    }
    form = {"application/x-www-form-urlencoded": {"schema": schema}}
    return {"parameters": [*path, _SIGNATURE], "requestBody": {"required": True, "content": form}}
