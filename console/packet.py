"""What a program needs to call a family: put into words once, for the page and for the PDF alike.

No score, no diagnosis, no code of ours: the child, the family's own words, what the child does not do yet, and how to reach
the family.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from console.case import Case
from console.directory import confirmed_contact
from console.plain_text import show_phone, visible
from console.words import Words
from intake.rules.interview import YES, Kind
from intake.rules.triage import AnswerValue
from intake.store.models import Answer
from intake.usecases.packet import HandedOn


@dataclass(frozen=True)
class Section:
    """A heading with facts (label and value), lines of a list, or quotes of the family."""

    title: str
    facts: tuple[tuple[str, str], ...] = ()
    lines: tuple[str, ...] = ()
    quotes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Packet:
    """A packet in words; every text in it is plain, with tricks of direction written out. ``warning`` stands on each page."""

    title: str
    number: str
    from_whom: str
    sections: tuple[Section, ...]
    closing: str
    warning: str | None = None


def packet_in_words(case: Case, handed_on: HandedOn, words: Words, staff_name: str, made_at: datetime) -> Packet:
    """The packet of a case in the language of ``words``; the family's own words stay as they are."""
    affiliate = words.content.messages.affiliate
    from_whom = words.text("packet.from", affiliate=affiliate.name.in_language(words.language), staff=visible(staff_name),
                           phone=affiliate.phone, time=words.dated(made_at))
    sections = (_child(case, words), _own_words(case, words), _not_yet(case, words), _lost(case, words),
                _contact(case, words), _agreed(handed_on, words), _program(handed_on, words))
    return Packet(
        words.text("packet.title", program=words.program(handed_on.referral.program_id)),
        case.conversation.receipt_number or words.text("queue.no_receipt"),
        from_whom,
        tuple(section for section in sections if section is not None),
        words.text("packet.closing"),
        words.text("practice.not_real") if case.conversation.practice else None)


def _child(case: Case, words: Words) -> Section:
    child = case.child
    born = child.birth_date if child else None
    facts = [(words.text("case.name"), _told(child.name if child else None, words)), (words.text("case.age"), words.age(born))]
    if child is not None and born is not None:
        day = words.day(born)
        facts.append((words.text("case.birth_date"),
                      day if child.birth_is_exact else f"{day} ({words.text('case.birth_from_age')})"))
        if child.weeks_early:
            facts.append((words.text("case.weeks_early"), words.text("case.weeks", weeks=child.weeks_early)))
    return Section(words.text("case.child"), tuple(facts))


def _own_words(case: Case, words: Words) -> Section:
    quotes = tuple(visible(worry.words) for worry in case.worries if worry.standing)
    lines = () if quotes else (words.text("case.no_concerns"),)
    return Section(words.text("packet.own_words"), lines=lines, quotes=quotes)


def _not_yet(case: Case, words: Words) -> Section | None:
    missing = tuple(words.item(answer.item) for answer in _current(case)
                    if answer.value == AnswerValue.NOT_YET and words.is_milestone(answer.item))
    return Section(words.text("packet.not_yet"), lines=missing) if missing else None


def _lost(case: Case, words: Words) -> Section | None:
    """Told at its question or as a worry: either way the family's words stand above."""
    told = any(answer.item == Kind.LOST_SKILLS and answer.value == YES for answer in _current(case))
    flagged = any(flag.code == "lost_skill" and flag.cleared_at is None for flag in case.flags)
    if not (told or flagged):
        return None
    return Section(words.text("packet.lost"), lines=(words.text("packet.lost_skill"),))


def _contact(case: Case, words: Words) -> Section:
    family = case.family
    facts = (
        ("case.contact_name", _told(family.contact_name, words)),
        ("case.relation", _answered("relation", family.relation, words)),
        ("case.phone", _phone(case, words)),
        ("case.best_time", _answered("best_time", family.best_time, words)),
        ("case.family_language", words.code("language", family.language)),
        ("case.place", _told(family.place, words)),
    )
    return Section(words.text("packet.contact"), tuple((words.text(label), value) for label, value in facts))


def _phone(case: Case, words: Words) -> str:
    if not case.family.phone:
        return words.text("case.not_told")
    phone, wrong = show_phone(case.family.phone), case.numbers.wrong
    return f"{phone} ({words.text('wrong.since', time=words.dated(wrong.found_at))})" if wrong else phone


def _agreed(handed_on: HandedOn, words: Words) -> Section:
    consent = handed_on.consent
    line = words.text("packet.agreed", time=words.dated(consent.at), how=words.code("channel", consent.source))
    return Section(words.text("case.consents"), lines=(line,))


def _program(handed_on: HandedOn, words: Words) -> Section | None:
    """How the paper gets to the program; what nobody has confirmed is not written on it."""
    program = words.content.intake.programs.programs.get(handed_on.referral.program_id)
    facts = confirmed_contact(program, words) if program is not None else ()
    return Section(words.text("directory.in_packet"), facts) if facts else None


def _current(case: Case) -> list[Answer]:
    return [answers.current for answers in case.answers if answers.current is not None]


def _told(told: str | None, words: Words) -> str:
    return visible(told) if told else words.text("case.not_told")


def _answered(item: str, value: str | None, words: Words) -> str:
    return visible(words.answer(item, value)) if value else words.text("case.not_told")
