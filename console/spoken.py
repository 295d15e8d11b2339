"""Finds what a member of staff must say to a family on the phone, while danger that was told there stands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from console.case import Case
from intake.content.bilingual import Language, as_language
from intake.content.library import Content
from intake.rules.calls import CallTo
from intake.rules.safety import SafetyHit, SafetyLevel
from intake.usecases.calls import LoggedCall
from intake.usecases.notes import WrittenNote
from intake.usecases.phoned import PHONE_CHANNEL
from intake.usecases.told_to_staff import danger_told, lines_to_say

_LEVELS = tuple(SafetyLevel)
_NOTES_READ = 10  # the newest; the flag itself stays whatever came after


@dataclass(frozen=True)
class Spoken:
    """The lines to say in the family's ``language``; ``own`` are the same for who reads another one."""

    language: Language
    lines: tuple[str, ...]
    own: tuple[str, ...]


def to_be_said(case: Case, calls: Iterable[LoggedCall], notes: Iterable[WrittenNote], content: Content, own: Language
               ) -> Spoken | None:
    """What to say of the gravest danger that staff typed and nobody has cleared; None when there is none."""
    standing = {flag.item for flag in case.flags if flag.code == "safety" and flag.cleared_at is None}
    if not standing:
        return None
    told = (danger_told(content, typed, case.conversation) for typed in _typed(case, calls, notes))
    hit = min((hit for hit in told if hit and hit.category in standing), key=_gravity, default=None)
    if hit is None:
        return None
    language = as_language(case.family.language)
    return Spoken(language, lines_to_say(hit, content, language), () if own == language else lines_to_say(hit, content, own))


def _typed(case: Case, calls: Iterable[LoggedCall], notes: Iterable[WrittenNote]) -> Iterator[str]:
    yield from [note.text for note in notes][:_NOTES_READ]
    yield from [call.note for call in calls if call.note and call.callee is CallTo.FAMILY][:_NOTES_READ]
    if case.conversation.channel == PHONE_CHANNEL:
        yield from (message.text for message in case.messages if message.direction == "inbound")


def _gravity(hit: SafetyHit) -> tuple[int, bool]:
    return _LEVELS.index(hit.level), hit.unclear
