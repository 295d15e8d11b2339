"""Every sentence that a family can get, in both languages: walked in the files, so that a new line or file is held to the same.

A sentence is a place in a file where an English and a Spanish text stand together: a map with ``en`` or ``es``, or a response
of domain.yml. The console is for staff; ``keywords``, ``triggers`` and ``words`` are what families write, not what they read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parents[2]
LANGUAGES = ("en", "es")
NOT_SAID_TO_FAMILIES = re.compile(r"messages/console\w*|(keywords|practice)/.*|safety/(triggers|words)")
# By file or folder, what kind of line stands there; the first that fits. Whatever is new is a line of the system.
KINDS = (
    ("domain", r"domain"), ("question", r"questions/.*"), ("activity", r"activities/.*"),
    ("safety", r"safety/lines|programs/safety_lines"), ("program", r"programs/.*"), ("outreach", r"messages/outreach"),
    ("reply", r"messages/replies"), ("screen", r"messages/(visit|widget|chat_page|choices)"), ("affiliate", r"affiliate"),
    ("system", r".*"),
)


@dataclass(frozen=True)
class Sentence:
    """What stands at ``place`` of ``file``, by language; a language that is missing is an empty text."""

    file: str
    place: str
    kind: str
    said: dict[str, str]

    @property
    def name(self) -> str:
        """Where an editor finds it."""
        return f"{self.file} {self.place}"


@cache
def sentences(content: Path = ROOT / "content", domain: Path | None = ROOT / "domain.yml") -> tuple[Sentence, ...]:
    """Every sentence of an affiliate's content folder and of the dialogue."""
    files = {path.relative_to(content).with_suffix("").as_posix(): path for path in sorted(content.rglob("*.yaml"))}
    if domain is not None:
        files["domain"] = domain
    return tuple(sentence for file, path in files.items() if not NOT_SAID_TO_FAMILIES.fullmatch(file)
                 for sentence in _in_file(file, YAML(typ="safe", pure=True).load(path.read_text("utf-8"))))


def _in_file(file: str, loaded: Any) -> Iterator[Sentence]:
    kind = next(kind for kind, pattern in KINDS if re.fullmatch(pattern, file))
    if kind == "domain":
        for name, variations in loaded["responses"].items():
            yield Sentence(file, name, kind, dict.fromkeys(LANGUAGES, "") | {_language(one): one["text"] for one in variations})
    else:
        for place, said in _pairs(loaded, ""):
            yield Sentence(file, place, kind, {language: str(said.get(language) or "") for language in LANGUAGES})


def _language(variation: dict[str, Any]) -> str:
    return str(next(each["value"] for each in variation["condition"] if each["name"] == "language"))


def _pairs(loaded: Any, place: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every map with a text in a language, by its place."""
    if isinstance(loaded, dict):
        if isinstance(loaded.get("en"), str) or isinstance(loaded.get("es"), str):
            yield place, loaded
        else:
            for key, value in loaded.items():
                yield from _pairs(value, f"{place}.{key}" if place else str(key))
    elif isinstance(loaded, list):
        for at, value in enumerate(loaded):
            own = value.get("id") or value.get("code") if isinstance(value, dict) else None
            yield from _pairs(value, f"{place}.{own or at}")


def placeholders(text: str) -> frozenset[str]:
    """The names in braces in ``text``."""
    return frozenset(field for _, field, _, _ in Formatter().parse(text) if field)


def told() -> list[tuple[Sentence, str, str]]:
    """(sentence, language, text) of all."""
    return [(sentence, language, text) for sentence in sentences() for language, text in sentence.said.items()]
