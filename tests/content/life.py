"""Lines as families text them, kept one a row in JSON files beside the tests, and the words of the affiliate to read them by."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from intake.content.keywords import load_keywords
from intake.rules.keywords import KeywordLists

HERE = Path(__file__).parent
LANGUAGES = ("en", "es")


@cache
def keywords() -> KeywordLists:
    """The keywords of the first affiliate."""
    return load_keywords(HERE.parents[1] / "content" / "keywords")


@cache
def rows(name: str) -> tuple[dict[str, Any], ...]:
    """The rows of the file ``name``."""
    return tuple(json.loads(line) for line in (HERE / name).read_text("utf-8").splitlines())


def texts(name: str, **marks: object) -> list[str]:
    """The texts of the file ``name``, of those rows whose ``marks`` are as given."""
    return [row["text"] for row in rows(name) if all(row[mark] == value for mark, value in marks.items())]
