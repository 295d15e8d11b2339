"""Loads the safety words and the lines that answer them from content/safety, and an affiliate's own lines from its folder.

All are a clinician's to sign; which lines still wait for a signature stands in SIGN-OFF.md beside them. A
situation without lines, a line without a situation or a pattern that cannot be read stops the program at start,
with file and line. So does a line that is left to the affiliate and that it has not written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from pydantic import BaseModel, ConfigDict, Field

from intake.content.bilingual import Bilingual
from intake.content.going_on import GoingOn, load_going_on
from intake.content.programs import SAFETY_LINES
from intake.content.yaml_source import ContentError, Problem, Source, parse, read_source
from intake.rules.phrases import LOOK_ALIKE, PatternError, PhraseBook
from intake.rules.safety import (
    NOT_NOW,
    NOW,
    PERHAPS_NOT_NOW,
    UNCLEAR_MARK,
    YOUNG_MARK,
    PastMeans,
    SafetyCategory,
    SafetyLevel,
    SafetyLexicon,
    Situation,
)

TRIGGERS, WORDS, LINES = "triggers.yaml", "words.yaml", "lines.yaml"
_NEEDED = ("first", "number")
_OWN_PARTS = ("first", "second", "number")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Patterns(_Strict):
    en: tuple[str, ...] = ()
    es: tuple[str, ...] = ()

    def all(self) -> tuple[str, ...]:
        return self.en + self.es


class _Situation(_Strict):
    name: str
    trigger: str = Field(pattern=r"^[EUP]\d{1,2}$")
    category: SafetyCategory
    level: SafetyLevel
    past: PastMeans
    under_days: int | None = Field(default=None, gt=0)
    patterns: _Patterns
    unclear: _Patterns = _Patterns()
    young: _Patterns = _Patterns()


class _Words(_Strict):
    fillers: tuple[str, ...]
    sets: Mapping[str, tuple[str, ...]]
    misspelled: tuple[str, ...]
    not_misspelled: tuple[str, ...]
    not_now: _Patterns
    perhaps_not_now: _Patterns
    now: _Patterns
    negators: tuple[str, ...]
    small_words: tuple[str, ...]
    look_alikes: _Patterns


class SafetyLines(_Strict):
    """What is said about one situation.

    ``first`` is the instruction and carries the number; ``second`` what to do meanwhile (may be absent);
    ``number`` repeats whom to call; ``question`` is the one question asked when a hit is unclear, ``safe`` the one
    asked when it is not (None: whether the child is safe now, as in going_on.yaml).
    """

    first: Bilingual
    second: Bilingual | None = None
    number: Bilingual
    question: Bilingual
    safe: Bilingual | None = None


class _OwnLines(_Strict):
    """What an affiliate says about one situation; what it leaves out is said by all."""

    first: Bilingual | None = None
    second: Bilingual | None = None
    number: Bilingual | None = None


class _OwnFile(_Strict):
    situations: Mapping[str, _OwnLines]


class _LinesFile(_Strict):
    fallback: Bilingual
    not_read_live: Bilingual
    happening_now: Bilingual
    situations: Mapping[str, Mapping[str, object]]


@dataclass(frozen=True)
class SafetyContent:
    """The compiled ``lexicon``, the ``lines`` by situation name, and the lines that belong to all.

    ``fallback`` carries 911, 988 and Poison Control and is for any failure (D11); ``not_read_live`` says that
    nobody reads the chat live (D8). ``going_on`` is what follows the lines.
    """

    lexicon: SafetyLexicon
    lines: Mapping[str, SafetyLines]
    fallback: Bilingual
    not_read_live: Bilingual
    going_on: GoingOn


def load_safety(folder: Path, own_lines: Path | None = None) -> SafetyContent:
    """Everything in ``folder`` (content/safety), with the lines that the affiliate keeps among its programs.

    Those stand in ``own_lines``, else in ../programs/safety_lines.yaml. Raises ContentError with all problems found.
    """
    sources = {name: read_source(folder / name) for name in (TRIGGERS, WORDS, LINES)}
    sources[SAFETY_LINES] = read_source(own_lines or folder.parent / "programs" / SAFETY_LINES)
    situations = _situations(sources[TRIGGERS])
    words = parse(sources[WORDS], (), sources[WORDS].data, _Words)
    spoken = parse(sources[LINES], (), sources[LINES].data, _LinesFile)
    own = _own_lines(sources[SAFETY_LINES], spoken)
    lines = _lines(sources[LINES], sources[SAFETY_LINES], spoken, own, {situation.name for situation in situations})
    _stop_if_wrong(sources.values())
    assert words is not None and spoken is not None
    return SafetyContent(
        _lexicon(folder, situations, words), MappingProxyType(lines), spoken.fallback, spoken.not_read_live,
        load_going_on(folder),
    )


def _situations(source: Source) -> list[_Situation]:
    nodes = source.data.get("situations", [])
    if not nodes:
        source.complain((), "'situations' is missing: the safety words need at least one")
    found = []
    for index, node in enumerate(nodes):
        situation = parse(source, ("situations", index), node, _Situation)
        if situation is not None:
            found.append(situation)
    return found


def _own_lines(source: Source, spoken: _LinesFile | None) -> dict[str, dict[str, Bilingual]]:
    """The affiliate's lines by situation. Only what is left to it is taken, and a "second"."""
    if source.problems or spoken is None:
        return {}
    read = parse(source, (), source.data, _OwnFile)
    found: dict[str, dict[str, Bilingual]] = {}
    for name, lines in (read.situations if read is not None else {}).items():
        found[name] = {part: line for part in _OWN_PARTS if (line := getattr(lines, part)) is not None}
        if name not in spoken.situations:
            source.complain(("situations", name), f"no situation in {LINES} is named '{name}'")
        for part in set(found[name]) & set(spoken.situations.get(name, {})) - {"second"}:
            source.complain(("situations", name, part), f"'{part}' stands in {LINES} and cannot be replaced: remove it here")
    return found


def _lines(source: Source, own_source: Source, spoken: _LinesFile | None, own: Mapping[str, Mapping[str, Bilingual]],
           names: set[str]) -> dict[str, SafetyLines]:
    if spoken is None:
        return {}
    lines = {}
    for name, node in spoken.situations.items():
        where = ("situations", name)
        if name not in names:
            source.complain(where, f"no situation in {TRIGGERS} is named '{name}'")
        told = {"question": spoken.happening_now, **node, **own.get(name, {})}
        lacking = [part for part in _NEEDED if part not in told]
        if lacking:
            needs = " and ".join(f"'{part}'" for part in lacking)
            own_source.complain(where, f"'{name}' needs {needs}: {LINES} leaves that to the affiliate")
            continue
        parsed = parse(source, where, told, SafetyLines)
        if parsed is not None:
            lines[name] = parsed
    for name in sorted(names - set(spoken.situations)):
        source.complain(("situations",), f"the situation '{name}' has no lines: add them")
    return lines


def _stop_if_wrong(sources: Iterable[Source]) -> None:
    problems = [problem for source in sources for problem in source.problems]
    if problems:
        raise ContentError(problems)


def _lexicon(folder: Path, situations: list[_Situation], words: _Words) -> SafetyLexicon:
    try:
        book = PhraseBook(
            _patterns(situations, words),
            sets=words.sets,
            fillers=words.fillers,
            misspelled=words.misspelled,
            not_misspelled=words.not_misspelled,
        )
    except PatternError as error:
        raise ContentError([_pattern_problem(folder, error)]) from error
    rules = {
        item.name: Situation(item.name, item.trigger, item.category, item.level, item.past, order, item.under_days)
        for order, item in enumerate(situations)
    }
    return SafetyLexicon(MappingProxyType(rules), book, frozenset(words.negators), frozenset(words.small_words))


def _patterns(situations: list[_Situation], words: _Words) -> dict[str, tuple[str, ...]]:
    patterns = {
        LOOK_ALIKE: words.look_alikes.all(),
        NOW: words.now.all(),
        NOT_NOW: words.not_now.all(),
        PERHAPS_NOT_NOW: words.perhaps_not_now.all(),
    }
    for item in situations:
        patterns[item.name] = item.patterns.all()
        patterns[item.name + UNCLEAR_MARK] = item.unclear.all()
        patterns[item.name + YOUNG_MARK] = item.young.all()
    return patterns


def _pattern_problem(folder: Path, error: PatternError) -> Problem:
    """Finds the line of the pattern the error quotes, in either file."""
    quoted = str(error).split("'")[1]
    for name in (TRIGGERS, WORDS):
        for number, line in enumerate((folder / name).read_text(encoding="utf-8").splitlines(), start=1):
            if quoted in line:
                return Problem(str(folder / name), number, str(error))
    return Problem(str(folder / TRIGGERS), 1, str(error))
