"""Which addresses a form or a link may lead to: paths of this console only, and where it is found from outside."""

from __future__ import annotations

from flask import current_app

START = "/start"
CONSOLE_URL = "CONSOLE_URL"


def own_path(path: str) -> str:
    """``path`` when it is a path of this console, else the start page; to browsers a backslash is a slash."""
    inside = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if inside else START


def address_outside(path: str) -> str:
    """The whole address of ``path``, as the settings say; never as a request's Host header says."""
    return f"{current_app.config[CONSOLE_URL]}{path}"
