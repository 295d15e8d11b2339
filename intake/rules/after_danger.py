"""Reads what a family answers to the one question that is asked after words of danger. No engine is needed.

What a plain "yes" means hangs on the question: to "is your child safe now?" it is good news, to "is this happening now?" it
is not. The reader weighs nothing: who says two things that differ, or "yes, but", is not sure, and who is not sure is told
the number again (D3 and D6 in docs/safety.md). What is no answer at all gives None; it is for the engine and for staff.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from intake.rules.phrases import PhraseBook
from intake.rules.words import fold, unstretched, words_of


class Asked(StrEnum):
    """Which question was asked after the lines about danger."""

    SAFE_NOW = "safe_now"
    HAPPENING_NOW = "happening_now"
    SAFE_TO_READ = "safe_to_read"


class Told(StrEnum):
    """What a family told after words of danger."""

    SAFE = "safe"
    HELP_IS_THERE = "help_is_there"
    NOT_SAFE = "not_safe"
    UNSURE = "unsure"
    NOT_NOW = "not_now"
    OTHER_WAY = "other_way"
    GO_ON = "go_on"


YES, NO, UNSURE, GO = "yes", "no", "unsure", "go"
WHOLE = (GO, YES, NO, UNSURE)
PATTERNS = ("not_safe", "unsure", "help", "safe", "past", "other_way")
_OPEN = frozenset({Told.NOT_SAFE, Told.UNSURE})
_MEANT = {"not_safe": Told.NOT_SAFE, "unsure": Told.UNSURE, "help": Told.HELP_IS_THERE, "safe": Told.SAFE}


@dataclass(frozen=True)
class AfterDangerWords:
    """The words of content/safety/going_on.yaml. ``whole``: folded whole messages of yes, no, unsure and go, with ``courtesy``
    around them; ``first``: words that begin a short answer, of at most ``most_after_first`` words; ``but`` takes a yes back;
    ``book``: patterns under the names of PATTERNS."""

    whole: Mapping[str, frozenset[str]]
    first: Mapping[str, frozenset[str]]
    courtesy: frozenset[str]
    but: frozenset[str]
    most_after_first: int
    book: PhraseBook


def still_open(told: str | None) -> bool:
    """Whether the danger stands after this answer; None is no answer yet."""
    return told is None or told in _OPEN


def read_after_danger(text: str, asked: Asked, words: AfterDangerWords) -> Told | None:
    """What ``text`` answers to the question ``asked``; None when it is no answer to it."""
    whole = _whole(text, words)
    if whole == GO:
        return Told.GO_ON
    found = _found(text, words)
    if asked is Asked.SAFE_TO_READ and "other_way" in found and "help" not in found:
        return Told.OTHER_WAY
    if whole is not None:
        return _plain(whole, asked)
    return _together(text, asked, words, found)


def _found(text: str, words: AfterDangerWords) -> set[str]:
    """The names of the patterns in ``text``; "she is not safe" holds no "she is safe"."""
    matches = [*words.book.matches(words.book.read(text))]
    denied = {position for match in matches if match.name == "not_safe" for position in match.covered}
    return {match.name for match in matches if match.name != "safe" or denied.isdisjoint(match.covered)}


def _together(text: str, asked: Asked, words: AfterDangerWords, found: set[str]) -> Told | None:
    """What is said in more words than a plain yes or no, all of it taken together."""
    first = _first(text, words)
    meant = {_MEANT[name] for name in found if name in _MEANT}
    if meant & _OPEN:  # "no sé" begins with "no" and means neither
        first = None
    if asked is Asked.HAPPENING_NOW and "past" in found and not meant & _OPEN:
        return Told.NOT_NOW
    if first is not None:
        meant.add(_plain(first, asked))
    if meant and not words.but.isdisjoint(words_of(text)):
        return Told.NOT_SAFE if Told.NOT_SAFE in meant else Told.UNSURE
    if asked is Asked.HAPPENING_NOW and meant <= {Told.NOT_NOW, Told.SAFE} and meant:
        return Told.NOT_NOW
    return _gravest(meant)


def _gravest(meant: set[Told]) -> Told | None:
    """Of several things that were said the one that is answered. Help that has come is told beside what is still bad."""
    if Told.NOT_SAFE in meant and meant & {Told.SAFE, Told.NOT_NOW}:
        return Told.UNSURE
    order = (Told.NOT_SAFE, Told.UNSURE, Told.HELP_IS_THERE, Told.SAFE, Told.NOT_NOW)
    return next((told for told in order if told in meant), None)


def _plain(word: str, asked: Asked) -> Told:
    """What a plain yes, no or "not sure" means after this question."""
    if word == UNSURE:
        return Told.UNSURE
    if asked is Asked.HAPPENING_NOW:
        return Told.NOT_SAFE if word == YES else Told.NOT_NOW
    return Told.SAFE if word == YES else Told.NOT_SAFE


def _whole(text: str, words: AfterDangerWords) -> str | None:
    """Which of yes, no, unsure and go the whole message is, with courtesies around it; an emoji counts by itself."""
    said = words_of(text)
    bare = [unstretched(word)[0] for word in said]
    kept = [word for word in bare if word not in words.courtesy]
    ways = {" ".join(said), " ".join(bare), " ".join(kept)} - {""} if said else {fold(text.strip())[:1] or " "}
    return next((name for name in WHOLE if not ways.isdisjoint(words.whole[name])), None)


def _first(text: str, words: AfterDangerWords) -> str | None:
    """Whether a short message begins with a yes or a no: "no hes still on the floor"."""
    said = [word for word in words_of(text) if word not in words.courtesy]
    if not said or len(said) > words.most_after_first:
        return None
    begins = unstretched(said[0])[0]
    return next((name for name in (NO, YES) if begins in words.first[name]), None)
