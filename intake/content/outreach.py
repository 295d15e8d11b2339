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
from intake.content.program_facts import Way
from intake.content.yaml_source import ContentError, Source, parse, read_source
from intake.rules.outreach import Carried, OutreachKind
from intake.rules.words import words_of

FILE = "messages/outreach.yaml"
FILLED_IN = frozenset({"affiliate", "phone"})  # anything else could tell something about a family on a locked screen
CALLED_BACK, NOT_CALLED, NOT_NOW = ANSWERS = ("called_back", "not_called", "not_now")
MET, PARTLY_MET, NOT_MET = NEEDS = ("yes", "partly", "no")
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


Days = Annotated[tuple[Annotated[int, Field(ge=1, le=365)], ...], Field(min_length=1)]
SomeDays = Annotated[int, Field(ge=1, le=90)]


class _ByStaff(_Strict):
    days: Days
    text: Bilingual


class _ByFamily(_ByStaff):
    ways: Annotated[tuple[Way, ...], Field(min_length=1)]


class _CarriedBy(_Strict):
    staff: _ByStaff
    family: _ByFamily


class _FollowUp(_Strict):
    asked_together_days: Annotated[int, Field(ge=0, le=14)]
    carried: _CarriedBy
    text_for_both: Bilingual
    still_open: Bilingual
    answers: dict[str, _Answer]


class _NeedsMet(_Strict):
    after_days: SomeDays
    text: Bilingual
    still_open: Bilingual
    answers: dict[str, _Answer]


class _AskAgain(_Strict):
    after_days: SomeDays
    at_most: Annotated[int, Field(ge=1, le=9)]
    text: Bilingual


class _NextCheck(_Strict):
    not_sooner_days: SomeDays
    hour: Annotated[int, Field(ge=9, le=19)]
    silent_at_most_days: Annotated[int, Field(ge=45, le=730)]
    text: Bilingual


class _OutreachFile(_Strict):
    version: int
    courtesy: tuple[str, ...]
    reminder: _Reminder
    follow_up: _FollowUp
    needs_met: _NeedsMet
    ask_again: _AskAgain
    next_check: _NextCheck
    ready: tuple[str, ...]


@dataclass(frozen=True)
class Asking:
    """A question with numbered answers: the folded ways to give each, by code in the order of the numbers, what is replied to
    each, and what is said to a "thanks" that leaves it open."""

    ways: Mapping[str, frozenset[str]]
    replies: Mapping[str, Bilingual]
    still_open: Bilingual


@dataclass(frozen=True)
class Following:
    """How referrals are followed up that are brought by one of the two: the ``days`` after the sending, the ``text``."""

    days: tuple[int, ...]
    text: Bilingual


@dataclass(frozen=True)
class NextCheck:
    """The invitation at the next age: left out when ``not_sooner`` than that, at ``hour``, never after a longer ``silence``."""

    not_sooner: timedelta
    hour: int
    silence: timedelta
    text: Bilingual


@dataclass(frozen=True)
class OutreachContent:
    """``reminder_after`` the parent's last message; ``following`` a referral by who brings it, ``for_both`` in one text;
    ``familys_ways`` nobody else can go; ``together``: what comes due this soon after another is asked with it. ``asking`` by
    kind of text; ``last_not_now`` when nothing more is planned, ``not_asked`` when the family was to go itself. ``go_on`` and
    ``ready`` hold folded ways to say so; ``courtesy`` words change nothing."""

    reminder: Bilingual
    reminder_after: timedelta
    go_on: frozenset[str]
    following: Mapping[Carried, Following]
    for_both: Bilingual
    familys_ways: frozenset[str]
    together: timedelta
    asking: Mapping[OutreachKind, Asking]
    last_not_now: Bilingual
    not_asked: Bilingual
    needs_met: Bilingual
    needs_met_after_days: int
    ask_again: Bilingual
    ask_again_after_days: int
    ask_again_at_most: int
    next_check: NextCheck
    ready: frozenset[str]
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
    reminder, follow_up, needs, check = file.reminder, file.follow_up, file.needs_met, file.next_check
    by_staff, by_family = follow_up.carried.staff, follow_up.carried.family
    no, later = follow_up.answers[NOT_CALLED], follow_up.answers[NOT_NOW]
    return OutreachContent(
        reminder=reminder.text, reminder_after=timedelta(hours=reminder.after_hours), go_on=_folded(reminder.go_on),
        following={Carried.STAFF: Following(by_staff.days, by_staff.text),
                   Carried.FAMILY: Following(by_family.days, by_family.text)},
        for_both=follow_up.text_for_both, familys_ways=frozenset(by_family.ways),
        together=timedelta(days=follow_up.asked_together_days),
        asking={OutreachKind.FOLLOW_UP: _asking(follow_up.answers, ANSWERS, follow_up.still_open),
                OutreachKind.NEEDS_MET: _asking(needs.answers, NEEDS, needs.still_open)},
        last_not_now=later.last_reply or later.reply, not_asked=no.last_reply or no.reply,
        needs_met=needs.text, needs_met_after_days=needs.after_days, ask_again=file.ask_again.text,
        ask_again_after_days=file.ask_again.after_days, ask_again_at_most=file.ask_again.at_most,
        next_check=NextCheck(timedelta(days=check.not_sooner_days), check.hour, timedelta(days=check.silent_at_most_days),
                             check.text),
        ready=_folded(file.ready), courtesy=_folded(file.courtesy))


def _asking(answers: Mapping[str, _Answer], codes: tuple[str, ...], still_open: Bilingual) -> Asking:
    ways = {code: _folded(answers[code].ways) for code in codes}
    return Asking(ways, {code: answers[code].reply for code in codes}, still_open)


def _check(source: Source, file: _OutreachFile) -> None:
    for where, answers, codes in (("follow_up", file.follow_up.answers, ANSWERS), ("needs_met", file.needs_met.answers, NEEDS)):
        if tuple(answers) != codes:
            source.complain((where, "answers"), f"the answers must be {', '.join(codes)}, in this order (1, 2, 3)")
        _check_ways(source, where, answers)
    for who in Carried:
        days = getattr(file.follow_up.carried, who).days
        if list(days) != sorted(set(days)):
            source.complain(("follow_up", "carried", who, "days"), "the days must rise: each later than the one before")
    for place, text in _texts(file):
        _check_filled_in(source, place, text)
        if place[-1] in ("text", "text_for_both"):
            _check_stop(source, place, text)


def _texts(file: _OutreachFile) -> Iterator[tuple[Place, Bilingual]]:
    """Everything said, by its place; what we start stands under "text"."""
    yield ("reminder", "text"), file.reminder.text
    for who in Carried:
        yield ("follow_up", "carried", who, "text"), getattr(file.follow_up.carried, who).text
    yield ("follow_up", "text_for_both"), file.follow_up.text_for_both
    yield ("needs_met", "text"), file.needs_met.text
    yield ("ask_again", "text"), file.ask_again.text
    yield ("next_check", "text"), file.next_check.text
    for where, part in (("follow_up", file.follow_up), ("needs_met", file.needs_met)):
        yield (where, "still_open"), part.still_open
        for code, answer in part.answers.items():
            yield (where, "answers", code, "reply"), answer.reply
            if answer.last_reply is not None:
                yield (where, "answers", code, "last_reply"), answer.last_reply


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


def _check_ways(source: Source, where: str, answers: Mapping[str, _Answer]) -> None:
    known: dict[str, str] = {}
    for code, answer in answers.items():
        for way in sorted(_folded(answer.ways)):
            if known.setdefault(way, code) != code:
                source.complain((where, "answers", code, "ways"), f"'{way}' stands under {known[way]} already")


def _folded(ways: tuple[str, ...]) -> frozenset[str]:
    return frozenset(" ".join(words_of(way)) for way in ways)
