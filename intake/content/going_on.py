"""Loads how it goes on after the lines about danger: what is asked and said, and the words by which an answer is read.

All of it stands in content/safety/going_on.yaml and waits for a clinician's signature like the lines themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from intake.content.bilingual import Bilingual
from intake.content.yaml_source import ContentError, Problem, parse, read_source
from intake.rules.after_danger import NO, PATTERNS, WHOLE, YES, AfterDangerWords
from intake.rules.phrases import LOOK_ALIKE, PatternError, PhraseBook
from intake.rules.words import fold, words_of

GOING_ON = "going_on.yaml"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class GoingOnLines(_Strict):
    """What is asked and said after the lines about danger; the comments of the file say when."""

    safe_now: Bilingual
    heard_safe: Bilingual
    heard_help: Bilingual
    go_on: Bilingual
    staff_told: Bilingual
    heard_not_now: Bilingual
    heard_else: Bilingual
    or_go: Bilingual
    discreet_yes: Bilingual
    discreet_no: Bilingual
    discreet_other_way: Bilingual
    discreet_else: Bilingual
    discreet_go: Bilingual


class _Words(_Strict):
    most_after_first: int = Field(gt=1)
    courtesy: tuple[str, ...]
    but: tuple[str, ...]
    whole: Mapping[str, tuple[str, ...]]
    first: Mapping[str, tuple[str, ...]]
    sets: Mapping[str, tuple[str, ...]]
    fillers: tuple[str, ...]
    misspelled: tuple[str, ...]
    not_misspelled: tuple[str, ...]
    patterns: Mapping[str, tuple[str, ...]]
    look_alikes: tuple[str, ...]


class _File(_Strict):
    lines: GoingOnLines
    words: _Words


@dataclass(frozen=True)
class GoingOn:
    """The ``lines`` that are said and the ``words`` by which an answer is read."""

    lines: GoingOnLines
    words: AfterDangerWords


def load_going_on(folder: Path) -> GoingOn:
    """Reads going_on.yaml in ``folder`` (content/safety); raises ContentError with all problems found."""
    source = read_source(folder / GOING_ON)
    read = None if source.problems else parse(source, (), source.data, _File)
    if read is not None:
        for where, found, wanted in (("whole", set(read.words.whole), set(WHOLE)), ("first", set(read.words.first), {YES, NO}),
                                     ("patterns", set(read.words.patterns), set(PATTERNS))):
            if found != wanted:
                source.complain(("words", where), f"'{where}' needs exactly these: {', '.join(sorted(wanted))}")
    if source.problems or read is None:
        raise ContentError(source.problems)
    try:
        return GoingOn(read.lines, _words(read.words))
    except PatternError as error:
        raise ContentError([Problem(str(folder / GOING_ON), 1, str(error))]) from error


def _words(read: _Words) -> AfterDangerWords:
    book = PhraseBook({LOOK_ALIKE: read.look_alikes, **read.patterns}, sets=read.sets, fillers=read.fillers,
                      misspelled=read.misspelled, not_misspelled=read.not_misspelled)
    whole = {name: frozenset(" ".join(words_of(way)) or fold(way) for way in ways) for name, ways in read.whole.items()}
    first = {name: frozenset(map(fold, ways)) for name, ways in read.first.items()}
    return AfterDangerWords(whole, first, frozenset(map(fold, read.courtesy)), frozenset(map(fold, read.but)),
                            read.most_after_first, book)
