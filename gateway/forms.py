"""Reads a posted form exactly as it was sent: blank fields, repeated names and blanks at the ends are kept.

Twilio's signature covers every field; a parser that drops an empty one or trims a text makes a true signature
look false.
"""

from __future__ import annotations

from urllib.parse import parse_qsl

from fastapi import Request
from starlette.datastructures import FormData, UploadFile

from gateway.problems import Problem

MOST_FIELDS = 200
_FORM_TYPE = "application/x-www-form-urlencoded"


async def read_form(request: Request) -> FormData:
    """The fields in their order. Raises Problem 400 for another content type or more than 200 fields."""
    if request.headers.get("content-type", "").split(";")[0].strip().lower() != _FORM_TYPE:
        raise Problem(400, "not_a_form")
    body = await request.body()
    try:
        # Bytes that are no UTF-8 become U+FFFD; latin-1 here only carries the raw bytes through.
        pairs = parse_qsl(
            body.decode("latin-1"), keep_blank_values=True, errors="replace", max_num_fields=MOST_FIELDS
        )
    except ValueError:
        raise Problem(400, "not_a_form", reason="too_many_fields") from None
    fields: list[tuple[str, str | UploadFile]] = [*pairs]
    return FormData(fields)


def field_of(form: FormData, name: str) -> str:
    """The text of a field; "" when it is absent."""
    value = form.get(name, "")
    return value if isinstance(value, str) else ""
