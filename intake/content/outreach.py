"""The words of the texts that we start, the days they are due, and how an answer to them is read: ``messages/outreach.yaml``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from string import Formatter
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from intake.content.bilingual import Bilingual
from intake.content.yaml_source import ContentError, Source, parse, read_source
from intake.rules.words import words_of

FILE = "messages/outreach.yaml"
FILLED_IN = frozenset({"affiliate", "phone"})  # anything else could tell something about a family on a locked screen
CALLED_BACK, NOT_CALLED, NOT_NOW = ANSWERS = ("called_back", "not_called", "not_now")
_STOP_WORD = {"en": "STOP", "es": "ALTO"}

Place = tuple[str, ...]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Reminder(_Strict):
    after_hours: Annotated[int, Field(ge=1, le=24 * 7)]
    text: Bilingual
    go_on: tuple[str, ...]


class _Answer(_Strict):
    ways: tuple[str, ...]
    reply: Bilingual
    last_reply: Bilingual | None = None


class _FollowUp(_Strict):
    days: Annotated[tuple[Annotated[int, Field(ge=1, le=365)], ...], Field(min_length=1)]
    asked_together_days: Annotated[int, Field(ge=0, le=14)]
    text: Bilingual
    answers: dict[str, _Answer]


class _OutreachFile(_Strict):
    version: int
    courtesy: tuple[str, ...]
    reminder: _Reminder
    follow_up: _FollowUp


@dataclass(frozen=True)
class OutreachContent:
    """``reminder_after`` the parent's last message; ``days`` after a referral was sent; ``together``: what comes due this soon
    after another is asked with it. ``go_on`` and ``answers`` hold the folded ways to answer, by code in the order of their
    numbers; ``courtesy`` words change nothing. ``replies`` by code; ``last_not_now`` when nothing more is planned."""

    reminder: Bilingual
    reminder_after: timedelta
    go_on: frozenset[str]
    follow_up: Bilingual
    days: tuple[int, ...]
    together: timedelta
    answers: Mapping[str, frozenset[str]]
    replies: Mapping[str, Bilingual]
    last_not_now: Bilingual
    courtesy: frozenset[str]


def load_outreach(folder: Path) -> OutreachContent:
    """Reads ``folder``/messages/outreach.yaml; raises ContentError naming file and line."""
    source = read_source(folder / FILE)
    file = None if source.problems else parse(source, (), source.data, _OutreachFile)
    if file is not None:
        _check(source, file)
    if file is None or source.problems:
        raise ContentError(source.problems)
    return _content(file)


def _content(file: _OutreachFile) -> OutreachContent:
    answers, reminder, follow_up = file.follow_up.answers, file.reminder, file.follow_up
    courtesy = _folded(file.courtesy)
    return OutreachContent(
        reminder.text, timedelta(hours=reminder.after_hours), _folded(reminder.go_on), follow_up.text, follow_up.days,
        timedelta(days=follow_up.asked_together_days), {code: _folded(answers[code].ways) for code in ANSWERS},
        {code: answers[code].reply for code in ANSWERS}, answers[NOT_NOW].last_reply or answers[NOT_NOW].reply, courtesy)


def _check(source: Source, file: _OutreachFile) -> None:
    if tuple(file.follow_up.answers) != ANSWERS:
        source.complain(("follow_up", "answers"), f"the answers must be {', '.join(ANSWERS)}, in this order (1, 2, 3)")
    if list(file.follow_up.days) != sorted(set(file.follow_up.days)):
        source.complain(("follow_up", "days"), "the days must rise: each later than the one before")
    for place, text in _texts(file):
        _check_filled_in(source, place, text)
    for place, text in ((("reminder", "text"), file.reminder.text), (("follow_up", "text"), file.follow_up.text)):
        _check_stop(source, place, text)
    _check_ways(source, file)


def _texts(file: _OutreachFile) -> Iterator[tuple[Place, Bilingual]]:
    yield ("reminder", "text"), file.reminder.text
    yield ("follow_up", "text"), file.follow_up.text
    for code, answer in file.follow_up.answers.items():
        yield ("follow_up", "answers", code, "reply"), answer.reply
        if answer.last_reply is not None:
            yield ("follow_up", "answers", code, "last_reply"), answer.last_reply


def _check_filled_in(source: Source, place: Place, text: Bilingual) -> None:
    for said in (text.en, text.es):
        try:
            names = {name for _, name, _, _ in Formatter().parse(said) if name is not None}
        except ValueError:
            source.complain(place, "a {brace} is not closed")
            continue
        if not names <= FILLED_IN:
            source.complain(place, "only {affiliate} and {phone} may be filled in: others could tell about a family")


def _check_stop(source: Source, place: Place, text: Bilingual) -> None:
    for language, word in _STOP_WORD.items():
        if word not in _in_capitals(text.es if language == "es" else text.en):
            source.complain(place, f"a text that we start must say how to stop: '{word}' is missing ({language})")


def _in_capitals(text: str) -> frozenset[str]:
    """The words of ``text`` that are written in capitals, such as STOP."""
    return frozenset(word for word in text.replace(".", " ").replace(",", " ").split() if word.isupper())


def _check_ways(source: Source, file: _OutreachFile) -> None:
    known: dict[str, str] = {}
    for code, answer in file.follow_up.answers.items():
        for way in sorted(_folded(answer.ways)):
            if known.setdefault(way, code) != code:
                source.complain(("follow_up", "answers", code, "ways"), f"'{way}' stands under {known[way]} already")


def _folded(ways: tuple[str, ...]) -> frozenset[str]:
    return frozenset(" ".join(words_of(way)) for way in ways)
