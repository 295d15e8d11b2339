"""Reads a short reply by its words: complete messages first, then patterns in a sentence.

"si", "nah", "aun no", "kinda", "idk", a thumb up, "only with help": what such a reply says can be stated, so
it is stated, in `lexicon/replies.yml`. Nothing here knows the open question; `reply_reader.py` does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from bot.components.reader import read_lexicon
from bot.components.wording import bare, fold, spelled_out

SURE = 0.98
NEAR = 0.88
UNSURE = 0.6
# Below six letters a slip of one letter makes another word ("si", "no", "nose", "some").
SHORTEST_WITH_A_SLIP = 6
LONG = 100
MOST_REPEATED = 4  # words of a phrase that is looked for over and over

REPLY_WORDS = frozenset({"yes", "sometimes", "not_yet", "not_sure", "lost_skill"})

_EMOJI = re.compile(r"[\U0001f000-\U0001ffff\u2600-\u27bf\u2b00-\u2bff]")
_NON_WORD = re.compile(r"[^\w]+")


@dataclass(frozen=True)
class Reading:
    """An intent read from words, how sure that is (0 to 1), and whether the whole message was that reply."""

    intent: str
    confidence: float
    whole: bool = False


@dataclass(frozen=True)
class _Lexicon:
    whole: dict[str, str]
    emoji: dict[str, str]
    before: tuple[str, ...]
    after: tuple[str, ...]
    patterns: tuple[tuple[str, float, re.Pattern[str]], ...]


@lru_cache(maxsize=1)
def _lexicon() -> _Lexicon:
    content = read_lexicon("replies.yml")
    return _Lexicon(
        whole={
            bare(phrase) or phrase: intent for intent, said in content["whole"].items() for phrase in said
        },
        emoji={sign: intent for intent, signs in content["emoji"].items() for sign in signs},
        before=_longest_first(content["fillers"]["before"]),
        after=_longest_first(content["fillers"]["after"]),
        patterns=tuple(_patterns(content["patterns"])),
    )


def _longest_first(phrases: list[str]) -> tuple[str, ...]:
    return tuple(sorted((bare(phrase) for phrase in phrases), key=len, reverse=True))


def _patterns(entries: list[dict[str, Any]]) -> Iterator[tuple[str, float, re.Pattern[str]]]:
    for entry in entries:
        expressions = entry["en"] + entry["es"]
        yield entry["intent"], entry["sure"], re.compile("|".join(f"(?:{each})" for each in expressions))


def read_whole(text: str) -> Reading | None:
    """The reply a complete message is, or None: "Sí!!", "no no no", "👍🏽", "yes please", "todavai no"."""
    lexicon = _lexicon()
    words = _without_repeats(_EMOJI.sub(" ", bare(text)).strip())
    if not words:
        return _read_signs(text)
    spelled = spelled_out(words) if " " in words else words  # a lone "k" is "ok", a lone "q" is noise
    for candidate in (*_peeled(words, lexicon), *_peeled(spelled, lexicon)):
        if candidate in lexicon.whole:
            return Reading(lexicon.whole[candidate], SURE, whole=True)
    near = _near_phrase(words)
    return Reading(lexicon.whole[near], NEAR, whole=True) if near else None


def read_sentence(text: str) -> Reading | None:
    """The first pattern found in a sentence, or None."""
    folded = fold(text)
    for written in dict.fromkeys((folded, spelled_out(folded))):
        for intent, sure, pattern in _lexicon().patterns:
            if pattern.search(written):
                return Reading(intent, sure)
    return None


def _read_signs(text: str) -> Reading | None:
    signs = _EMOJI.findall(fold(text))
    if not signs:
        return Reading("ask_clarification", SURE, whole=True) if set(fold(text)) == {"?"} else None
    intents = {_lexicon().emoji.get(sign) for sign in signs}
    intent = intents.pop() if len(intents) == 1 else None
    return Reading(intent or "out_of_scope", SURE if intent else 0.9, whole=True)


def _without_repeats(words: str) -> str:
    """One of "no no no", one of "no se no se no se": what is said over and over is said once."""
    said = words.split(" ")
    if len(said) > LONG:
        said = said[:-1]  # a long message may have been cut in the middle of its last word
    for size in range(1, MOST_REPEATED + 1):
        if len(said) > size and all(word == said[at % size] for at, word in enumerate(said)):
            return " ".join(said[:size])
    return words


def _peeled(words: str, lexicon: _Lexicon) -> Iterator[str]:
    """The message, then the message without the fillers around it, one filler at a time."""
    yield words
    for _ in range(3):
        shorter = _peel_once(words, lexicon)
        if shorter == words:
            return
        words = shorter
        yield words


def _peel_once(words: str, lexicon: _Lexicon) -> str:
    for filler in lexicon.before:
        if words.startswith(filler + " "):
            return words[len(filler) + 1 :].strip()
    for filler in lexicon.after:
        if words.endswith(" " + filler):
            return words[: -len(filler) - 1].strip()
    return words


def _near_phrase(words: str) -> str | None:
    """A known phrase that differs by one letter typed wrong, left out, doubled or swapped."""
    if not SHORTEST_WITH_A_SLIP <= len(words) <= 30:
        return None
    for phrase in _lexicon().whole:
        if len(phrase) >= SHORTEST_WITH_A_SLIP and _one_slip_apart(words, phrase):
            return phrase
    return None


def _one_slip_apart(one: str, other: str) -> bool:
    if abs(len(one) - len(other)) > 1:
        return False
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    rest, rest_other = one[start:], other[start:]
    return (
        rest[1:] == rest_other[1:]
        or rest[1:] == rest_other
        or rest == rest_other[1:]
        or (rest[:2] == rest_other[1::-1] and rest[2:] == rest_other[2:])
    )


def words_in(text: str) -> list[str]:
    """The folded words of a text."""
    return [word for word in _NON_WORD.split(fold(text)) if word]
