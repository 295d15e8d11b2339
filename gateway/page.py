"""The web-chat page, which its script makes lively and which works as a plain form when scripts are blocked.

With scripts, the browser holds a token of its own and this module only serves the words. Without, an HttpOnly
cookie holds the token, each message is a form, and the page shows the transcript as it is when loaded.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.datastructures import FormData
from starlette.templating import Jinja2Templates

from gateway.chat import COOKIE_OF_A_DEMO, COOKIE_OVER_TLS, address_of, as_said
from gateway.conversing import begin, say
from gateway.edge import Edge
from gateway.forms import field_of, read_form
from gateway.problems import Problem, answers_beside, as_problem, preferred_language
from gateway.waiting import messages_after
from intake.content.bilingual import LANGUAGES, Language
from intake.store.connection import UNAVAILABLE
from intake.usecases.receiving import TEXT_LIMIT

# How long a plain form waits for the answer before it shows the page without it.
_ANSWER_SECONDS = 5
_PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_ID_BYTES = 16


@dataclass(frozen=True)
class _View:
    """What a page shows beside the transcript: a ``notice`` (a purpose of the words), words ``kept`` in the field."""

    language: Language
    notice: str = ""
    kept: str = ""
    status: int = 200


def page_router(edge: Edge) -> APIRouter:
    """The page, its form, and the quick way out."""
    router = APIRouter(prefix="/chat", tags=["page"])
    page = _Page(edge)

    @router.get("", response_class=HTMLResponse, responses={503: _HTML}, openapi_extra=_LANGUAGE_QUERY)
    async def show(request: Request) -> Response:
        """The chat page, in English or Spanish (``lang``, else what the browser prefers)."""
        return await page.show(request, _View(_language(request, request.query_params.get("lang", ""))))

    @router.post(
        "/form",
        response_class=RedirectResponse,
        status_code=303,
        openapi_extra=_FORM,
        responses=answers_beside(400, 403, 408, 413) | {200: _HTML, 429: _HTML, 503: _HTML},
    )
    async def post_form(request: Request) -> Response:
        """What the page's plain form sends: begins a chat, or says something and waits a little for an answer."""
        return await page.take(request, await read_form(request))

    @router.get("/leave", response_class=RedirectResponse, status_code=303)
    async def leave() -> Response:
        """Forgets the chat's cookie and goes to another site at once."""
        response = RedirectResponse(edge.words.leave_address, 303)
        give_cookie(edge, response, None)
        return response

    return router


def chat_cookie(edge: Edge) -> str:
    """The name of the plain form's cookie."""
    return COOKIE_OVER_TLS if edge.settings.public_url.startswith("https:") else COOKIE_OF_A_DEMO


def give_cookie(edge: Edge, response: Response, token: str | None) -> None:
    """Lets the browser keep ``token`` for the plain form; None takes it away."""
    over_tls, name = edge.settings.public_url.startswith("https:"), chat_cookie(edge)
    if token is None:
        response.delete_cookie(name, path="/", secure=over_tls, httponly=True, samesite="strict")
        return
    response.set_cookie(
        name,
        token,
        max_age=edge.settings.chat_session_hours * 3600,
        path="/",
        secure=over_tls,
        httponly=True,
        samesite="strict",
    )


class _Page:
    """Shows the page and takes its form."""

    def __init__(self, edge: Edge) -> None:
        self._edge = edge
        self._templates = Jinja2Templates(Path(__file__).with_name("templates"))
        self.cookie = chat_cookie(edge)

    async def show(self, request: Request, view: _View, token: str | None = None) -> HTMLResponse:
        """The page with the transcript of ``token``, or of the cookie's chat when there is one."""
        token = token or request.cookies.get(self.cookie, "")
        try:
            said = await messages_after(self._edge, token, 0) if token else []
        except (Problem, *UNAVAILABLE) as error:
            problem = as_problem(error)
            said, view = [], _with_problem(view, problem)
            token = "" if problem.code == "unknown_session" else token
        messages = [as_said(message) for message in said]
        if messages and messages[-1].speaker == "you" and not view.notice:
            view = replace(view, notice="no_answer_yet")
        shown = self._shown(view) | {"messages": messages, "has_chat": bool(token), "kept": view.kept}
        headers = {"Content-Security-Policy": _PAGE_POLICY, "Vary": "Accept-Language, Cookie"}
        return self._templates.TemplateResponse(request, "chat.html", shown, view.status, headers)

    def _shown(self, view: _View) -> dict[str, Any]:
        words = self._edge.words.page[view.language]
        problems = self._edge.words.problems[view.language]
        return {
            "words": words,
            "language": view.language,
            "other": "en" if view.language == "es" else "es",
            "notice": words.get(view.notice) or problems.get(view.notice, ""),
            "text_limit": TEXT_LIMIT,
            "phone": self._edge.words.phone,
            "client_msg_id": _new_id(),
        }

    async def take(self, request: Request, form: FormData) -> Response:
        """Stores what the form says and goes back to the page; when that fails, shows it with the words kept."""
        if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            raise Problem(403, "forbidden", reason="page_other_site")
        view = _View(_language(request, field_of(form, "lang")))
        text = field_of(form, "choice") or field_of(form, "text")
        token = request.cookies.get(self.cookie, "")
        try:
            if token and await self._said(token, field_of(form, "client_msg_id"), text):
                return _back(view.language)
            return await self._begin(request, view, text)
        except (Problem, *UNAVAILABLE) as error:
            problem = as_problem(error)
            self._edge.metrics.refused.labels(f"page_{problem.reason}").inc()
            refused = replace(view, notice=problem.code, kept=text, status=problem.status)
            return await self.show(request, refused)

    async def _begin(self, request: Request, view: _View, text: str) -> Response:
        opened = await begin(self._edge, address_of(request), view.language)
        await messages_after(self._edge, opened.token, 0, seconds=_ANSWER_SECONDS)
        # Words meant for a chat that is closed must not become the answer to the new one's first question.
        shown = replace(view, notice="ended_with_words", kept=text)
        response = await self.show(request, shown, opened.token) if text.strip() else _back(view.language)
        give_cookie(self._edge, response, opened.token)
        return response

    async def _said(self, token: str, client_msg_id: str, text: str) -> bool:
        """Stores the words, if any, and waits for an answer; False when the chat of ``token`` is closed."""
        if len(text) > TEXT_LIMIT:
            raise Problem(413, "too_large")
        try:
            seq = await self._say(token, client_msg_id[:64] or _new_id(), text) if text.strip() else 0
            await messages_after(self._edge, token, seq, seconds=_ANSWER_SECONDS)
        except Problem as problem:
            if problem.code == "unknown_session":
                return False
            raise
        return True

    async def _say(self, token: str, client_msg_id: str, text: str) -> int:
        try:
            return (await say(self._edge, token, client_msg_id, text)).seq
        except Problem as problem:
            if problem.code != "same_id_other_text":
                raise
        # The browser went back to an earlier page and says something else there: that is a new message.
        return (await say(self._edge, token, _new_id(), text)).seq


def _new_id() -> str:
    return secrets.token_urlsafe(_ID_BYTES)


def _language(request: Request, wished: str) -> Language:
    matching = (language for language in LANGUAGES if language == wished)
    return next(matching, None) or preferred_language(request)


def _back(language: Language) -> RedirectResponse:
    return RedirectResponse(f"/chat?lang={language}#end", 303)


def _with_problem(view: _View, problem: Problem) -> _View:
    """The view when the transcript cannot be shown; a notice already there says more."""
    if problem.code == "unknown_session":
        return replace(view, notice=view.notice or "ended")
    return replace(view, notice=view.notice or problem.code, status=max(view.status, problem.status))


_HTML = {
    "description": "The page, with a notice and the words kept.",
    "content": {"text/html": {"schema": {"type": "string"}}},
}
_TEXT = {"type": "string"}
_LANGUAGE_QUERY = {"parameters": [{"name": "lang", "in": "query", "required": False, "schema": _TEXT}]}
_FORM = {
    "requestBody": {
        "required": True,
        "content": {
            "application/x-www-form-urlencoded": {
                "schema": {
                    "type": "object",
                    "properties": {"text": _TEXT, "choice": _TEXT, "client_msg_id": _TEXT, "lang": _TEXT},
                }
            }
        },
    }
}
