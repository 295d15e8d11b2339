"""Safety words: messages that stop the questions because a life, a child or a parent may be in danger.

Rule-based and always on; nothing may take a hit away (D2). When it is not clear whether something is happening now, the
hit says so and one question is asked (D3). The rule never weighs a risk and never rules one out (D6).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from intake.rules.phrases import Line, Match, PhraseBook

# How many small words may lie between "not" and what it denies.
NEGATION_REACH = 4

# Names of the marker patterns in the phrase book; every other name is a situation.
NOW, NOT_NOW, PERHAPS_NOT_NOW = "now", "not_now", "perhaps_not_now"
# Patterns under "situation?" leave open whether it is happening now; those under "situation@" count for the young only.
UNCLEAR_MARK = "?"
YOUNG_MARK = "@"


class SafetyLevel(StrEnum):
    """How fast help is needed."""

    EMERGENCY = "emergency"
    URGENT_SAME_DAY = "urgent_same_day"
    PRIORITY_FOLLOW_UP = "priority_follow_up"


class SafetyCategory(StrEnum):
    """What the danger is about."""

    BATTERY_OR_POISON = "battery_or_poison"
    BREATHING_EMERGENCY = "breathing_emergency"
    SEIZURE = "seizure"
    SUICIDE_SELF_HARM = "suicide_self_harm"
    ABUSE_VIOLENCE = "abuse_violence"
    INFANT_EMERGENCY = "infant_emergency"
    HEAD_INJURY = "head_injury"
    LEAD_EXPOSURE = "lead_exposure"
    PARENT_CRISIS = "parent_crisis"
    CHILD_CRISIS = "child_crisis"
    OTHER_EMERGENCY = "other_emergency"


class PastMeans(StrEnum):
    """What a past, general or hypothetical telling does to a situation.

    ``clears``: long past or prevention is no hit, a recent or possible one is asked about. ``long_past_clears``:
    a recent or possible one counts in full, because suspicion is enough (a swallowed battery). ``asks``: long
    past is asked about. ``counts``: time makes no difference.
    """

    CLEARS = "clears"
    LONG_PAST_CLEARS = "long_past_clears"
    ASKS = "asks"
    COUNTS = "counts"


@dataclass(frozen=True)
class Situation:
    """One kind of danger: the trigger ("E4"), its category and level, and what the past means for it.

    Triggers whose first instruction differs (a hit on the head with and without a danger sign) have several
    situations; ``name`` is the key of its lines in content/safety. ``order`` is its place in the file: of two
    hits of one level the earlier wins, and the file has what needs 911 first (D5). ``under_days``: the true age,
    in days, below which the patterns for the young count.
    """

    name: str
    trigger: str
    category: SafetyCategory
    level: SafetyLevel
    past: PastMeans
    order: int
    under_days: int | None = None


@dataclass(frozen=True)
class SafetyHit:
    """What was found; ``unclear`` asks for one question, "Is this happening now?" (D3)."""

    trigger: str
    category: SafetyCategory
    level: SafetyLevel
    unclear: bool
    situation: str


@dataclass(frozen=True)
class SafetyLexicon:
    """The compiled words. ``negators`` deny what follows them, across ``small_words`` only."""

    situations: Mapping[str, Situation]
    book: PhraseBook
    negators: frozenset[str]
    small_words: frozenset[str]


_LEVELS = tuple(SafetyLevel)


@dataclass(frozen=True)
class _Reading:
    """A message as read: its words, the sentences that hold each marker, the child's age in days if known."""

    line: Line
    markers: Mapping[str, frozenset[int]]
    true_age_days: int | None


def find_safety(text: str, lexicon: SafetyLexicon, *, true_age_days: int | None = None) -> SafetyHit | None:
    """The gravest danger ``text`` tells of, or None.

    The highest level wins, then what is surely now, then what stands first in the file (D5). Denied dangers are
    none; long past ones are none or unclear, as the situation says (D4). ``true_age_days``, where known, is the
    true age (D9) and makes a fever in a very young baby known even when the message names no age.
    """
    line = lexicon.book.read(text)
    found = [*lexicon.book.matches(line)]
    markers = {
        name: frozenset(match.sentence for match in found if match.name == name)
        for name in (NOW, NOT_NOW, PERHAPS_NOT_NOW)
    }
    reading = _Reading(line, markers, true_age_days)
    hits = [hit for match in found if (hit := _judge(match, reading, lexicon)) is not None]
    return min(hits, key=lambda hit: _gravity(hit, lexicon), default=None)


def _gravity(hit: SafetyHit, lexicon: SafetyLexicon) -> tuple[int, bool, int]:
    return (_LEVELS.index(hit.level), hit.unclear, lexicon.situations[hit.situation].order)


def _judge(match: Match, reading: _Reading, lexicon: SafetyLexicon) -> SafetyHit | None:
    situation = lexicon.situations.get(match.name.rstrip(UNCLEAR_MARK + YOUNG_MARK))
    if situation is None or _is_denied(match, reading.line, lexicon):
        return None
    if match.name.endswith(YOUNG_MARK) and not _is_young(situation, reading.true_age_days):
        return None
    past = _past_of(match, reading)
    if past == NOT_NOW and situation.past in (PastMeans.CLEARS, PastMeans.LONG_PAST_CLEARS):
        return None
    return SafetyHit(
        situation.trigger, situation.category, situation.level, _is_unclear(match, situation, past), situation.name
    )


def _is_young(situation: Situation, true_age_days: int | None) -> bool:
    limit = situation.under_days
    return limit is not None and true_age_days is not None and true_age_days < limit


def _past_of(match: Match, reading: _Reading) -> str | None:
    """The strongest marker in the sentence of the match: now, long past, perhaps not now, or None."""
    return next((name for name in (NOW, NOT_NOW, PERHAPS_NOT_NOW) if match.sentence in reading.markers[name]), None)


def _is_unclear(match: Match, situation: Situation, past: str | None) -> bool:
    if past == NOW:
        return False
    if match.name.endswith(UNCLEAR_MARK):
        return True
    if past == NOT_NOW:
        return situation.past is PastMeans.ASKS
    return past == PERHAPS_NOT_NOW and situation.past is PastMeans.CLEARS


def _is_denied(match: Match, line: Line, lexicon: SafetyLexicon) -> bool:
    """Whether any part is denied, before its first word ("no seizures") or inside it ("he has never had a seizure")."""
    return any(_is_part_denied(part, line, lexicon) for part in match.parts)


def _is_part_denied(part: tuple[int, ...], line: Line, lexicon: SafetyLexicon) -> bool:
    if _is_denied_at(part[0], 0, line, lexicon):
        return True
    return any(_is_denied_at(later, before + 1, line, lexicon) for before, later in pairwise(part))


def _is_denied_at(start: int, earliest: int, line: Line, lexicon: SafetyLexicon) -> bool:
    """Whether a negator stands before ``start`` with only small words between, in the same clause."""
    if line.words[start] in lexicon.negators:
        # The denial is part of the danger itself: "not breathing".
        return False
    for position in range(start - 1, max(start - 2 - NEGATION_REACH, earliest - 1), -1):
        if line.clauses[position] != line.clauses[start]:
            return False
        if line.words[position] in lexicon.negators:
            return True
        if line.words[position] not in lexicon.small_words:
            return False
    return False
