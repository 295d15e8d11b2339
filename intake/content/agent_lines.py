"""What the agent says, by the name of the response in ``domain.yml``: for talks that are made without the engine.

The engine fills in and says these lines itself; only made-up talks read them here, so the file is read when one is made.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from intake.content.bilingual import Bilingual

_PREFIX = "utter_"


@cache
def load_agent_lines(path: Path) -> Mapping[str, Bilingual]:
    """The lines by name, without "utter_"; of several ways to say one the first."""
    responses: dict[str, list[dict[str, Any]]] = YAML(typ="safe").load(path.read_text(encoding="utf-8"))["responses"]
    return {name.removeprefix(_PREFIX): Bilingual(en=_in(ways, "en"), es=_in(ways, "es")) for name, ways in responses.items()
            if all(_in(ways, language) for language in ("en", "es"))}


def _in(ways: list[dict[str, Any]], language: str) -> str:
    return next((way["text"] for way in ways if "text" in way and _is_for(way, language)), "")


def _is_for(way: dict[str, Any], language: str) -> bool:
    return all(rule.get("value") == language for rule in way.get("condition", ()) if rule.get("name") == "language")
