"""The words outside the dialogue, the ready answers behind buttons and numbers, and who the affiliate is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, TypeVar
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field

from intake.content.bilingual import Bilingual, Language
from intake.content.business import Business
from intake.content.yaml_source import ContentError, Source, parse, read_source
from intake.rules.due import Calendar
from intake.rules.places import ZipArea


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


_File = TypeVar("_File", bound=BaseModel)


class ReadyAnswer(_Strict):
    """One ready answer: the ``code`` kept, the ``label`` shown, further ``words`` that mean it."""

    code: str
    label: Bilingual
    words: tuple[str, ...] = ()


class _ZipCodes(_Strict):
    begin: Annotated[tuple[Annotated[str, Field(pattern=r"^\d{1,5}$")], ...], Field(min_length=1)]
    elsewhere: tuple[Annotated[str, Field(pattern=r"^\d{5}$")], ...] = ()


class Affiliate(_Strict):
    """The Help Me Grow affiliate that answers on this number, the ``area`` it serves and who looks into harm to children."""

    name: Bilingual
    short_name: Bilingual
    line_name: Bilingual
    phone: str
    state: Annotated[str, Field(pattern="^[A-Z]{2}$")]
    area: Bilingual
    zip_codes: _ZipCodes
    child_protection: Bilingual
    time_zone: str
    receipt_prefix: Annotated[str, Field(pattern="^[A-Z]{2,5}$")]
    business: Business

    def calendar(self) -> Calendar:
        """The team's business days and hours in the affiliate's time zone."""
        return Calendar(ZoneInfo(self.time_zone), self.business.as_time())

    @property
    def zip_area(self) -> ZipArea:
        """The affiliate's ZIP codes, for the rules."""
        return ZipArea(self.zip_codes.begin, self.zip_codes.elsewhere)


class _ChoicesFile(_Strict):
    version: int
    choices: dict[str, tuple[ReadyAnswer, ...]]


class _MessagesFile(_Strict):
    version: int
    messages: dict[str, Bilingual]


class _AffiliateFile(_Strict):
    version: int
    affiliate: Affiliate


@dataclass(frozen=True)
class Messages:
    """``choices`` by question kind, system ``texts`` by purpose, and the ``affiliate``."""

    choices: MappingProxyType[str, tuple[ReadyAnswer, ...]]
    texts: MappingProxyType[str, Bilingual]
    affiliate: Affiliate

    def system(self, purpose: str, language: Language, **more: str) -> str:
        """The system text for ``purpose`` with the affiliate's name and phone, and what ``more`` it wants, filled in.

        KeyError when it is unknown or something is missing.
        """
        text = self.texts[purpose].in_language(language)
        return text.format(affiliate=self.affiliate.short_name.in_language(language), phone=self.affiliate.phone, **more)


def load_messages(folder: Path) -> Messages:
    """Reads ``folder``/messages and ``folder``/affiliate.yaml; raises ContentError naming file and line."""
    sources = [read_source(folder / name) for name in
               ("messages/choices.yaml", "messages/system.yaml", "affiliate.yaml")]
    choices = _read(sources[0], _ChoicesFile)
    texts = _read(sources[1], _MessagesFile)
    affiliate = _read(sources[2], _AffiliateFile)
    problems = [problem for source in sources for problem in source.problems]
    if problems or choices is None or texts is None or affiliate is None:
        raise ContentError(problems)
    return Messages(MappingProxyType(choices.choices), MappingProxyType(texts.messages), affiliate.affiliate)


def _read(source: Source, model: type[_File]) -> _File | None:
    return None if source.problems else parse(source, (), source.data, model)
