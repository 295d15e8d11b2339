"""The words of the staff console, in English and Spanish: ``messages/console*.yaml``, one file for each part of it.

Keys name the purpose ("queue.title", "status.wait_listed"). Both languages of a text must have the same
placeholders, for a missing one would show only when somebody works in that language.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Formatter
from types import MappingProxyType

from pydantic import BaseModel, ConfigDict

from intake.content.bilingual import Bilingual, Language
from intake.content.yaml_source import ContentError, Problem, Source, parse, read_source

FILE, FILES = "messages/console.yaml", "messages/console*.yaml"


class _ConsoleFile(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    version: int
    messages: dict[str, Bilingual]


@dataclass(frozen=True)
class ConsoleTexts:
    """All texts by purpose."""

    texts: MappingProxyType[str, Bilingual]

    def knows(self, purpose: str) -> bool:
        """Whether there is a text for ``purpose``."""
        return purpose in self.texts

    def text(self, purpose: str, language: Language, **values: object) -> str:
        """The text for ``purpose`` with ``values`` filled in; KeyError when the purpose or a value is
        missing.
        """
        return self.texts[purpose].in_language(language).format(**values)


def load_console_texts(folder: Path) -> ConsoleTexts:
    """Reads ``folder``/messages/console*.yaml; raises ContentError naming file and line, also when a purpose stands in two."""
    texts: dict[str, Bilingual] = {}
    problems: list[Problem] = []
    for path in sorted(folder.glob(FILES)) or [folder / FILE]:
        source = read_source(path)
        file = None if source.problems else parse(source, (), source.data, _ConsoleFile)
        if file is not None:
            _check_placeholders(source, file)
            _check_new(source, file, texts)
            texts.update(file.messages)
        problems += source.problems
    if problems:
        raise ContentError(problems)
    return ConsoleTexts(MappingProxyType(texts))


def _check_new(source: Source, file: _ConsoleFile, known: Mapping[str, Bilingual]) -> None:
    for purpose in file.messages.keys() & known.keys():
        source.complain(("messages", purpose), f"'{purpose}' stands in another file already")


def _check_placeholders(source: Source, file: _ConsoleFile) -> None:
    for purpose, text in file.messages.items():
        try:
            same = _placeholders(text.en) == _placeholders(text.es)
        except ValueError:
            source.complain(("messages", purpose), f"'{purpose}': a {{brace}} is not closed")
            continue
        if not same:
            source.complain(
                ("messages", purpose), f"'{purpose}': both languages need the same {{placeholders}}"
            )


def _placeholders(text: str) -> set[str]:
    """The names in braces; raises ValueError when a brace stands alone."""
    return {name for _, name, _, _ in Formatter().parse(text) if name}
