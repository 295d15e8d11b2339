"""The chat window for an affiliate's site: a small loader at a stable address, and the window under its content's hash.

``/widget.js`` is short, asked about anew at each visit, and carries the words; the window itself never changes under its
name, so a browser keeps it for a year and a new deploy is used at the next visit.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from fastapi import APIRouter, Request, Response

from gateway.edge import Edge
from gateway.problems import Problem, answers_beside
from intake.settings import ROOT

BUILT = ROOT / "widget" / "dist"
_FRESH = "no-cache"
_FOR_A_YEAR = "public, max-age=31536000, immutable"
_SCRIPT = "text/javascript; charset=utf-8"


@dataclass(frozen=True)
class BuiltWidget:
    """What the build left: the ``window`` script with its name, and the ``loader``."""

    name: str
    window: bytes
    loader: str


def read_built(folder: Path = BUILT) -> BuiltWidget | None:
    """The built window of ``folder``; None where nothing was built."""
    window, loader = folder / "window.js", folder / "loader.js"
    if not (window.is_file() and loader.is_file()):
        return None
    script = window.read_bytes()
    name = f"window.{hashlib.sha256(script).hexdigest()[:16]}.js"
    return BuiltWidget(name, script, loader.read_text())


def widget_router(edge: Edge, built: BuiltWidget | None = None) -> APIRouter:
    """The two scripts."""
    router = APIRouter(tags=["widget"])
    found = built or read_built()
    loader = b"" if found is None else _with_words(edge, found)
    smaller_loader, smaller_window = _Script(loader), _Script(b"" if found is None else found.window)
    etag = f'W/"{hashlib.sha256(loader).hexdigest()[:16]}"'

    @router.get("/widget.js", response_class=Response, responses=answers_beside(404) | {200: _DOCUMENTED})
    async def stable(request: Request) -> Response:
        """The loader: one script tag on a site, ``<script src="…/widget.js" data-language="es" defer></script>``."""
        if found is None:
            raise Problem(404, "not_found", reason="widget_not_built")
        headers = {"Cache-Control": _FRESH, "ETag": etag, "Cross-Origin-Resource-Policy": "cross-origin"}
        if request.headers.get("if-none-match") == etag:
            return Response(status_code=304, headers=headers)
        return smaller_loader.answer(request, headers)

    @router.get("/widget/{name}", response_class=Response, responses=answers_beside(404) | {200: _DOCUMENTED})
    async def window(request: Request, name: str) -> Response:
        """The window, under the hash of its content; a name of an older build is not found, and the loader names the new one."""
        if found is None or name != found.name:
            raise Problem(404, "not_found")
        headers = {
            "Cache-Control": _FOR_A_YEAR,
            "Access-Control-Allow-Origin": "*",
            "Cross-Origin-Resource-Policy": "cross-origin",
        }
        return smaller_window.answer(request, headers)

    return router


class _Script:
    """A script with its gzipped form: a phone on a slow line waits for every byte, and no proxy need be set up for it."""

    def __init__(self, plain: bytes) -> None:
        self._plain, self._gzipped = plain, gzip.compress(plain, 9, mtime=0)

    def answer(self, request: Request, headers: dict[str, str]) -> Response:
        """The script in the form that this browser takes."""
        takes_gzip = "gzip" in request.headers.get("accept-encoding", "")
        body, more = (self._gzipped, {"Content-Encoding": "gzip"}) if takes_gzip else (self._plain, {})
        return Response(body, media_type=_SCRIPT, headers={**headers, **more, "Vary": "Accept-Encoding"})


def _with_words(edge: Edge, built: BuiltWidget) -> bytes:
    words = edge.words
    told = {
        "window": f"/widget/{built.name}",
        "phone": words.phone,
        "leave": words.leave_address,
        "words": {
            language: {**words.page[language], **words.window[language], **_of_problems(edge, language)}
            for language in words.page
        },
    }
    # "<" is written out, so that no word can end the script it stands in wherever a site pastes it.
    as_script = json.dumps(told, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    return built.loader.replace("__GROWLINE__", as_script, 1).encode()


def _of_problems(edge: Edge, language: str) -> dict[str, str]:
    problems = edge.words.problems["es" if language == "es" else "en"]
    return {purpose: problems[purpose] for purpose in ("too_many_chats", "too_large", "not_a_phone", "goes_by_text")}


_DOCUMENTED = {"description": "A script.", "content": {"text/javascript": {"schema": {"type": "string"}}}}
