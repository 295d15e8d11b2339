"""How the edge says no: one exception, one shape of answer, and words from the content in the reader's language.

A problem's ``code`` is for programs and for counting; its ``detail`` is for people. Neither repeats what was sent.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from intake.content.bilingual import LANGUAGES, Language

_CODE_OF_STATUS = {404: "not_found", 405: "method_not_allowed"}


class Problem(Exception):
    """The request is refused with ``status``; ``reason`` is what is counted when it says more than ``code`` may tell."""

    def __init__(
        self, status: int, code: str, *, reason: str | None = None, retry_after: float | None = None
    ) -> None:
        super().__init__(code)
        self.status, self.code, self.reason = status, code, reason or code
        self.headers = {} if retry_after is None else {"Retry-After": str(math.ceil(retry_after))}


class ProblemAnswer(BaseModel):
    """Why a request was refused."""

    error: str = Field(description="a stable code, for programs")
    detail: str = Field(description="the same in plain words, in the language of Accept-Language (en or es)")


def preferred_language(request: Request) -> Language:
    """English or Spanish, whichever the browser names first; English when it names neither."""
    for part in request.headers.get("accept-language", "").split(","):
        for language in LANGUAGES:
            if part.strip().lower().split(";")[0].split("-")[0] == language:
                return language
    return "en"


def answers(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The documented refusals of a route that otherwise answers with JSON."""
    return {status: _described(status) | {"model": ProblemAnswer} for status in statuses}


def answers_beside(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The same for a route that answers with something else; the framework would document refusals in its type."""
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{ProblemAnswer.__name__}"}}}
    return {status: _described(status) | {"content": content} for status in statuses}


def problem_answer(
    words: Mapping[Language, Mapping[str, str]], request: Request, problem: Problem
) -> JSONResponse:
    """The answer for ``problem``, with its words in the reader's language."""
    content = {"error": problem.code, "detail": words[preferred_language(request)][problem.code]}
    return JSONResponse(content, problem.status, headers=problem.headers)


def as_problem(error: Exception) -> Problem:
    """``error`` as a problem: what the framework raises by itself, or a database that is down."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, RequestValidationError):
        return Problem(422, "invalid")
    if isinstance(error, HTTPException):
        problem = Problem(error.status_code, _CODE_OF_STATUS.get(error.status_code, "invalid"))
        problem.headers |= dict(error.headers or {})
        return problem
    return Problem(503, "unavailable", retry_after=2)


_DESCRIPTIONS = {
    400: "The body cannot be read (broken JSON or form, too deep, a name twice, too many fields).",
    403: "The request is not signed by our account, or not meant for our number. Nothing was stored.",
    404: "The chat session is absent, foreign or expired; these look alike.",
    408: "The body came in too slowly.",
    409: "It does not go with what is there: a client_msg_id used for another text, nothing to change. Nothing was stored.",
    413: "The body is larger than this address takes. Nothing was stored.",
    422: "A field is missing or out of bounds. Nothing was stored.",
    429: "Too much at once. Retry-After says in how many seconds to try again.",
    503: "The database cannot be reached. Nothing is known to be stored; send the same again.",
}


def _described(status: int) -> dict[str, Any]:
    described: dict[str, Any] = {"description": _DESCRIPTIONS[status]}
    if status in (429, 503):
        described["headers"] = {"Retry-After": {"description": "seconds", "schema": {"type": "integer"}}}
    return described
