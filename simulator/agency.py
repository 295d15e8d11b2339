"""A stand-in for an affiliate's website that embeds the chat with one script tag, for demos and tests.

It has an origin of its own and a strict content security policy, as an agency's site may: scripts and requests of the program
that is tried out, and nothing else from elsewhere.
"""

from pathlib import Path
from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from fastapi.templating import Jinja2Templates

from simulator.settings import Settings

LANGUAGES = ("en", "es")


class Agency:
    """The made-up agency's home page, in English and Spanish."""

    def __init__(self, settings: Settings) -> None:
        parts = urlsplit(settings.signing_url or settings.webhook_url)
        self._program = f"{parts.scheme}://{parts.netloc}"
        self._templates = Jinja2Templates(Path(__file__).with_name("templates"))

    def router(self) -> APIRouter:
        """The one route."""
        router = APIRouter()

        @router.get("/agency", response_class=HTMLResponse)
        async def home(request: Request, lang: str = "en", shared: str = "", idle: str = "") -> HTMLResponse:
            """The home page; `shared` and `idle` are handed on to the chat's script tag as a site would set them."""
            shown = {
                "language": lang if lang in LANGUAGES else "en",
                "program": self._program,
                "shared": shared,
                "idle": idle,
            }
            headers = {"Content-Security-Policy": self._policy(), "Cache-Control": "no-store"}
            return self._templates.TemplateResponse(request, "agency.html", shown, headers=headers)

        return router

    def _policy(self) -> str:
        program = self._program
        return (
            f"default-src 'none'; script-src {program}; connect-src {program}; style-src 'self'; "
            "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        )
