"""Links of one use, and what they open: the conversation on this screen, or the page for the doctor's visit.

``GET /l/{code}`` only shows a button: messengers look at links before anybody does. Pressing it uses the link up.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Request
from fastapi import Path as PathField
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool
from starlette.templating import Jinja2Templates

from gateway.chat import BegunChat, Token
from gateway.edge import Edge
from gateway.page import chat_cookie, give_cookie
from gateway.problems import Problem, answers, answers_beside, preferred_language
from gateway.strict_json import StrictJsonRoute
from intake.content.bilingual import Language
from intake.content.visit import load_visit_words
from intake.usecases.links import LinkSpent, Opened, Purpose, TooManyLinks, is_open, link_of_chat, session_of_cookie, use_link
from intake.usecases.receiving import SessionUnknown
from intake.usecases.visit import visit_page

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
_HTML = {"content": {"text/html": {"schema": {"type": "string"}}}, "description": "A page."}
_AN_HOUR = 3600


class WishedLink(BaseModel):
    """What the link is to open."""

    purpose: Purpose


class MadeLink(BaseModel):
    """A link of one use, good for a quarter of an hour: its ``path`` at this address."""

    path: str


class TakenOver(BaseModel):
    """The chat that the cookie opened; null without one."""

    chat: BegunChat | None


Code = Annotated[str, PathField(max_length=64)]


def links_router(edge: Edge) -> APIRouter:
    """Making links, and the pages behind them."""
    router = APIRouter(tags=["links"], route_class=StrictJsonRoute)

    @router.post("/chat/links", status_code=201, responses=answers(400, 404, 408, 413, 422, 429, 503))
    async def make(token: Token, wished: WishedLink) -> MadeLink:
        """A link of one use into this chat."""
        try:
            code = await run_in_threadpool(link_of_chat, edge.store, token=token, purpose=wished.purpose)
        except SessionUnknown:
            raise Problem(404, "unknown_session") from None
        except TooManyLinks:
            raise Problem(429, "too_fast", retry_after=_AN_HOUR) from None
        return MadeLink(path=f"/l/{code}")

    @router.post("/chat/sessions/mine", responses=answers(408, 413, 422, 503))
    async def take_over(request: Request, response: Response) -> TakenOver:
        """Where scripts run: a secret for this page in exchange for the chat's cookie, which is taken away."""
        given = request.cookies.get(chat_cookie(edge), "")
        try:
            opened = await run_in_threadpool(
                session_of_cookie, edge.store, token=given, hours=edge.settings.chat_session_hours
            )
        except SessionUnknown:
            return TakenOver(chat=None)
        give_cookie(edge, response, None)
        begun = BegunChat(conversation=opened.conversation, token=opened.token, expires_at=opened.expires_at)
        return TakenOver(chat=begun)

    _add_pages(router, edge)
    return router


def _add_pages(router: APIRouter, edge: Edge) -> None:
    """The page behind a link, and what its button does."""
    pages = _Pages(edge)

    @router.get("/l/{code}", response_class=HTMLResponse, responses=answers_beside(422, 503) | {200: _HTML, 410: _HTML})
    async def show(request: Request, code: Code) -> Response:
        """The button that uses the link."""
        return pages.button(request, code, await run_in_threadpool(is_open, edge.store, code))

    @router.post("/l/{code}", response_class=HTMLResponse,
                 responses=answers_beside(400, 408, 413, 422, 503) | {200: _HTML, 303: {"description": "The chat."}, 410: _HTML})
    async def use(request: Request, code: Code) -> Response:
        """Opens what the link is for; it is then used up."""
        try:
            opened = await run_in_threadpool(use_link, edge.store, code, hours=edge.settings.chat_session_hours)
        except LinkSpent:
            return pages.button(request, code, False)
        if opened.chat is None:
            return await pages.visit(request, opened)
        response = RedirectResponse("/chat#end", 303)
        give_cookie(edge, response, opened.chat.token)
        return response


class _Pages:
    def __init__(self, edge: Edge) -> None:
        self._edge = edge
        self._words = load_visit_words(edge.settings.content_folder)
        self._templates = Jinja2Templates(Path(__file__).with_name("templates"))

    def button(self, request: Request, code: str, usable: bool) -> Response:
        """The page behind a link, in both languages' order of preference; 410 when it opens nothing any more."""
        first: Language = preferred_language(request)
        languages = (first, "es" if first == "en" else "en")
        shown = {"words": self._words.link, "languages": languages, "usable": usable, "code": code}
        return self._page(request, "link.html", shown, 200 if usable else 410)

    async def visit(self, request: Request, opened: Opened) -> Response:
        """The page for the doctor's visit."""
        edge = self._edge
        page = await run_in_threadpool(visit_page, edge.store, edge.content, opened.conversation_id)
        affiliate = edge.content.messages.affiliate
        called = {
            language: self._words.page["call_line"].in_language(language).format(
                line_name=affiliate.line_name.in_language(language), phone=affiliate.phone)
            for language in ("en", "es")
        }
        questions = (*self._words.questions, *([self._words.lead_question] if page.asks_about_lead else []))
        shown = {"page": page, "words": self._words.page, "questions": questions, "call": called}
        return self._page(request, "visit.html", shown, 200)

    def _page(self, request: Request, name: str, shown: dict[str, Any], status: int) -> Response:
        headers = {"Content-Security-Policy": _POLICY, "X-Robots-Tag": "noindex", "Vary": "Accept-Language"}
        return self._templates.TemplateResponse(request, name, shown, status, headers)
