"""The words of the page for the doctor's visit and of the page behind a link: ``messages/visit.yaml``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from intake.content.bilingual import Bilingual
from intake.content.yaml_source import ContentError, parse, read_source

FILE = "messages/visit.yaml"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Page(_Strict):
    title: Bilingual
    about: Bilingual
    child: Bilingual
    age: Bilingual
    no_name: Bilingual
    worries: Bilingual
    no_worries: Bilingual
    lost: Bilingual
    not_yet: Bilingual
    sometimes: Bilingual
    not_sure: Bilingual
    skip: Bilingual
    yes: Bilingual
    nothing_asked: Bilingual
    ask: Bilingual
    call: Bilingual
    call_line: Bilingual
    emergency: Bilingual
    print: Bilingual
    printed: Bilingual


class _Link(_Strict):
    title: Bilingual
    about: Bilingual
    open: Bilingual
    spent: Bilingual


class _VisitFile(_Strict):
    version: int
    page: _Page
    questions: Annotated[tuple[Bilingual, ...], Field(min_length=1)]
    lead_question: Bilingual
    link: _Link


@dataclass(frozen=True)
class VisitWords:
    """Words of the ``page`` and of the page behind a ``link``, by purpose; the ``questions`` a parent may ask, and one more where
    a blood lead test is advised."""

    page: Mapping[str, Bilingual]
    questions: tuple[Bilingual, ...]
    lead_question: Bilingual
    link: Mapping[str, Bilingual]


def load_visit_words(folder: Path) -> VisitWords:
    """Reads ``folder``/messages/visit.yaml; raises ContentError naming file and line."""
    source = read_source(folder / FILE)
    file = None if source.problems else parse(source, (), source.data, _VisitFile)
    if file is None or source.problems:
        raise ContentError(source.problems)
    return VisitWords(dict(file.page), file.questions, file.lead_question, dict(file.link))
