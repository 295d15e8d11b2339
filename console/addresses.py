"""Which addresses a form or a link may lead to: paths of this console only."""

from __future__ import annotations

START = "/start"


def own_path(path: str) -> str:
    """``path`` when it is a path of this console, else the start page; to browsers a backslash is a slash."""
    inside = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if inside else START
