"""The directory as staff read it: every program and crisis line with all that stands in its file, and what is confirmed of it.

A family is told confirmed facts alone. Staff see the others too, because they are the ones who confirm them: each is marked,
so that nobody reads it out as true. What was looked at long ago is marked as ``growline programs stale`` tells it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from dataclasses import dataclass
from datetime import date

from console.words import Words
from intake.content.program_facts import CrisisLine, Program
from intake.content.programs import Programs
from intake.content.staleness import last_checked, staleness
from intake.rules.words import fold

OLD_AFTER_MONTHS = 6  # as the command says by itself
LONGEST_SEARCH = 80
_YEAR = 12


@dataclass(frozen=True)
class Fact:
    """One line of a program: the words before it, the ``value``, and what stands behind it.

    ``in_english`` is what stands in the file in one language only, for staff; ``link`` is an address to open.
    """

    label: str
    value: str
    confirmed: bool
    seen: str | None = None
    old: bool = False
    in_english: bool = False
    link: str | None = None


@dataclass(frozen=True)
class Warned:
    """What may stop being true, since when it is to be looked at, and whether that month has come (``is_due``)."""

    note: str
    since: str | None
    is_due: bool


@dataclass(frozen=True)
class Entry:
    """One program or crisis line; ``may_be_told`` is false for a draft, of which no family hears."""

    id: str
    name: str
    tell: str
    may_be_told: bool
    facts: tuple[Fact, ...]
    cautions: tuple[Warned, ...]
    sources: tuple[str, ...]
    seen: str
    searched: str

    def matches(self, typed: str) -> bool:
        """Whether every word that was typed stands somewhere in it, in either language; a number however it is written."""
        digits = re.sub(r"\D", "", typed)
        if len(digits) >= 3 and not re.search(r"[^\W\d]", typed):
            return digits in re.sub(r"(?<=\d)[-. )(]+(?=\d)", "", self.searched)
        return all(word in self.searched for word in fold(typed).split())


@dataclass(frozen=True)
class Directory:
    """The programs by name, and the crisis lines as the file has them."""

    programs: tuple[Entry, ...]
    lines: tuple[Entry, ...]

    def narrowed(self, typed: str) -> Directory:
        """Those that hold what was typed."""
        return Directory(tuple(each for each in self.programs if each.matches(typed)),
                         tuple(each for each in self.lines if each.matches(typed)))


def directory(programs: Programs, words: Words, today: date) -> Directory:
    """All of the affiliate's directory in the language of ``words``, with what is stale ``today``."""
    old = {(fact.subject, fact.fact) for fact in staleness(programs, today, OLD_AFTER_MONTHS).old}
    entries = [_Reader(program, programs, words, today, old).entry() for program in programs.programs.values()]
    lines = [_Reader(line, programs, words, today, old).entry() for line in programs.crisis.values()]
    return Directory(tuple(sorted(entries, key=lambda each: fold(each.name))), tuple(lines))


class _Reader:
    """Puts one program or line into words; of the ``old`` facts (subject and fact) some may be its own."""

    def __init__(self, subject: Program | CrisisLine, programs: Programs, words: Words, today: date,
                 old: Set[tuple[str, str]]) -> None:
        self.subject, self.programs, self.words, self.today = subject, programs, words, today
        self.old = {fact for whose, fact in old if whose == subject.id}

    def entry(self) -> Entry:
        one, said = self.subject, self.words.language
        facts = (*self._reached(), *(self._of_program(one) if isinstance(one, Program) else ()), *self._known_by())
        sources = tuple(dict.fromkeys((*one.source, *(seen.source for seen in one.evidence))))
        # Staff see unconfirmed facts as well, so a caution comes due for them even where families are told nothing any more.
        this_month = f"{self.today:%Y-%m}"
        cautions = tuple(Warned(each.note, self._month(each.since), each.since is not None and each.since <= this_month)
                         for each in one.cautions)
        told = " ".join((one.id.replace("_", " "), one.name.en, one.name.es, one.tell.en, one.tell.es,
                         *(need.replace("_", " ") for need in one.needs), *(fact.value for fact in facts)))
        return Entry(one.id, one.name.in_language(said), one.tell.in_language(said), one.shows("name") and one.shows("tell"),
                     facts, cautions, sources, self._month(one.checked) or "", fold(told))

    def _reached(self) -> Iterator[Fact]:
        """How to reach it: what a program and a crisis line have alike, and the further ways of a program."""
        one, said = self.subject, self.words.language
        yield from self._fact("phone", one.phone)
        if isinstance(one, Program):
            for more in one.more_phones:
                yield from self._fact("more_phones", f"{more.phone} ({more.what.in_language(said)})")
        yield from self._fact("text", one.text)
        if isinstance(one, Program):
            yield from self._fact("fax", one.fax)
            yield from self._fact("email", one.email)
        yield from self._fact("url", one.url, link=one.url)
        yield from self._fact("hours", one.hours.said.in_language(said) if one.hours else None)

    def _of_program(self, program: Program) -> Iterator[Fact]:
        referral, said = program.referral, self.words
        yield from self._fact("referral", ", ".join(said.code("way", way) for way in referral.ways), label="directory.ways")
        if referral.through is not None:
            yield from self._fact("referral", said.program(referral.through), label="directory.through")
        yield from self._fact("referral", ", ".join(said.code("may_refer", who) for who in referral.may_refer),
                              label="directory.may_refer")
        yield from self._fact("referral", said.code("accepts", referral.accepts), label="directory.accepts")
        yield from self._fact("referral", referral.steps, label="directory.steps", in_english=True)
        yield from self._fact("ages", self._ages(program))
        yield from self._places(program)
        for place in program.locations:
            yield from self._fact("locations", f"{place.name}, {place.address}, {place.city}, {place.state} {place.zip_code}")
        yield from self._fact("who", program.who, in_english=True)

    def _known_by(self) -> Iterator[Fact]:
        yield from self._fact("operator", self.subject.operator, in_english=True)

    def _ages(self, program: Program) -> str:
        """From and to, in months or whole years; the end is not served any more."""
        ages, said = program.ages, self.words
        begin = said.text("directory.from_pregnancy") if ages.from_pregnancy else self._age(ages.from_months)
        return said.text("directory.ages_from_to", begin=begin, end=self._age(ages.to_months))

    def _age(self, months: int) -> str:
        in_years = months >= 2 * _YEAR and months % _YEAR == 0
        return self.words.text("directory.years", count=months // _YEAR) if in_years else (
            self.words.text("directory.months", count=months))

    def _places(self, program: Program) -> Iterator[Fact]:
        places, said = program.places, self.words
        if places.everywhere:
            area = said.content.messages.affiliate.area.in_language(said.language)
            yield from self._fact("places", said.text("directory.everywhere", area=area))
        yield from self._fact("places", ", ".join((*places.towns, *places.districts, *places.zip_codes)) or None)
        if places.zip_codes_unconfirmed:
            yield Fact(said.code("fact", "places"), ", ".join(places.zip_codes_unconfirmed), confirmed=False)
        yield from self._fact("places", places.note, label="directory.places_note", in_english=True)

    def _fact(self, fact: str, value: str | None, *, label: str | None = None, link: str | None = None,
              in_english: bool = False) -> Iterator[Fact]:
        if value:
            month = last_checked(self.subject, fact)
            yield Fact(self.words.text(label) if label else self.words.code("fact", fact), value, self.subject.shows(fact),
                       self._month(month) if month != self.subject.checked else None, fact in self.old, in_english, link)

    def _month(self, month: str | None) -> str | None:
        if month is None:
            return None
        try:
            return self.words.month(date.fromisoformat(f"{month}-01"))
        except ValueError:  # "never": a draft that nobody has checked
            return self.words.text("directory.never")


def confirmed_contact(program: Program, words: Words) -> tuple[tuple[str, str], ...]:
    """How the program is reached, as far as somebody has confirmed it: for the paper that goes to it."""
    hours = program.shown_hours
    found = (("phone", program.shown_phone), ("fax", program.shown_fax), ("email", program.shown_email),
             ("hours", hours.in_language(words.language) if hours else None))
    return tuple((words.code("fact", fact), value) for fact, value in found if value)


def is_web_address(source: str) -> bool:
    """Whether a source can be opened; one may be a sentence, such as "seen on no page yet"."""
    return source.startswith(("https://", "http://"))

