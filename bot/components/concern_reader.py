"""Finds worries in a family's own words, and what the family says is fine.

"Talks great, but won't walk" is one worry and one thing that is fine. The message is read clause by clause: a
topic ("walk") is a worry where its clause says so, a trouble ("tantrums") is one unless it is denied. The
words stand in `lexicon/concerns.yml`. The network (`meaning_reader.py`) knows worries in words that no list holds; `joined`
puts the two together.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.components.meaning_reader import meaning_of
from bot.components.reader import MessageReader, OpenQuestion, add_entities, read_lexicon
from bot.components.wording import fold, speaks_of_child
from bot.components.worry_classifier import WORRIES
from bot.meaning.meaning import Meaning

ASKED = frozenset({"worry", "free", "lost_skills"})
# Where the family was asked for a name or a place, its words are that answer, whatever they sound like.
NEVER = frozenset(
    {"child_name", "contact_name", "phone", "place", "doctor", "insurance", "birth_date", "race_ethnicity"}
)
# A long message is a story even where a name, a date or a yes was asked for, and what worries a family is kept.
STORY_QUESTIONS = frozenset(
    {"consent", "relation", "child_name", "birth_date", "early_birth", "contact_consent", "contact_name"}
)
STORY_WORDS = 8
READ_CHARACTERS = 4000
# Chances of a domain, measured on writers held out of training (docs/understanding.md).
CLEAR = 0.7
FAINT = 0.3
FINE = 0.5
SURE = 0.9
SECOND_SHARE = 0.2
USUAL_ODDS = 0.135  # what the classifier gives a domain about which it is undecided
# What a doctor said is no worry about seeing.
SET_PHRASES = re.compile(r"\b(wait and see|esper\w+ a ver|(?:let'?s|we'?ll) see|vamos a ver)\b")


@dataclass(frozen=True)
class Concerns:
    """Domains found as worries and domains said to be fine, in the order they were met."""

    worries: tuple[str, ...] = ()
    fine: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Words:
    topics: dict[str, re.Pattern[str]]
    troubles: dict[str, re.Pattern[str]]
    trouble: re.Pattern[str]
    fine: re.Pattern[str]
    not_fine: re.Pattern[str]
    denied: re.Pattern[str]
    worry_words: re.Pattern[str]
    joints: re.Pattern[str]
    contrast: frozenset[str]


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class ConcernReader(MessageReader):
    """Adds a `concern` entity per domain of worry and a `fine` entity per domain said to be fine."""

    def read(self, message: Message, question: OpenQuestion) -> None:
        """Read where a worry was asked for, or where one is plainly stated."""
        text: str = message.get(TEXT)
        if question.kind not in ASKED and not states_worry(text, question):
            return
        found = find_concerns(text, asked=question.kind == "worry")
        found = joined(found, meaning_of(message), message.get(WORRIES) or {})
        entities = [{"entity": "concern", "value": domain} for domain in found.worries]
        entities += [{"entity": "fine", "value": domain} for domain in found.fine]
        add_entities(message, entities, type(self).__name__)


def joined(by_words: Concerns, meaning: Meaning, by_classifier: Mapping[str, float]) -> Concerns:
    """What lexicon, network and classifier say together. The network leads, the classifier shifts its chance; a faint
    opinion counts where the lexicon says the same.

    A domain that is said to be fine, by either, is no worry unless it is sure to be one as well. Where the
    lexicon hears a worry and the network that all is fine, it is neither: the words are kept as a worry that a person sorts.
    """
    if not meaning.concerns:
        return by_words
    chances = {name: _together(chance, by_classifier.get(name)) for name, chance in meaning.concerns.items()}
    worries = tuple(
        domain
        for domain, chance in chances.items()
        if (chance >= (FAINT if domain in by_words.worries else CLEAR)
        and not _said_fine(domain, chance, by_words, meaning))
    )
    seen_fine = (name for name, chance in meaning.fine.items() if chance >= FINE and name not in by_words.worries)
    fine = dict.fromkeys([*by_words.fine, *seen_fine])
    return Concerns(worries, tuple(domain for domain in fine if domain not in worries))


def _together(chance: float, second: float | None) -> float:
    """Two opinions as one chance: odds multiplied, the second's to the power of its share, from its own usual level."""
    if second is None:
        return chance
    odds = _odds(chance) * (_odds(second) / USUAL_ODDS) ** SECOND_SHARE
    return odds / (1 + odds)


def _odds(chance: float) -> float:
    bounded = min(max(chance, 1e-4), 1 - 1e-4)
    return bounded / (1 - bounded)


def _said_fine(domain: str, chance: float, by_words: Concerns, meaning: Meaning) -> bool:
    if domain in by_words.worries and chance >= CLEAR:
        return False  # "no habla mucho but he understands todo": part of talking is fine, and it is a worry
    if meaning.fine[domain] >= FINE and meaning.fine[domain] >= chance:
        return True
    return domain in by_words.fine and chance < SURE


def states_worry(text: str, question: OpenQuestion) -> bool:
    """Whether a message names a worry although none was asked for."""
    if question.kind in STORY_QUESTIONS and len(text.split()) >= STORY_WORDS:
        return True
    if question.kind != "milestone" and "regression" in find_concerns(text, asked=False).worries:
        return True  # a lost skill is urgent, whatever was asked
    if question.kind in NEVER:
        return False
    folded = fold(text[:READ_CHARACTERS])
    if question.kind == "consent" and speaks_of_child(folded):
        return True  # a worry told while we ask whether we may ask: "he doesn't talk"
    return question.kind == "none" or bool(_words().worry_words.search(folded))


def find_concerns(text: str, asked: bool) -> Concerns:
    """Worries and fine domains in a text; where a worry was `asked` for, "her speech" alone is one."""
    worries: dict[str, None] = {}
    fine: dict[str, None] = {}
    folded = SET_PHRASES.sub(" ", fold(text[:READ_CHARACTERS]))
    for topics, troubles, state in _clauses(folded, asked):
        for domain in topics:
            if state is not None:
                (fine if state == "fine" else worries)[domain] = None
        for domain, denied in troubles.items():
            (fine if denied else worries)[domain] = None
    return Concerns(tuple(worries), tuple(domain for domain in fine if domain not in worries))


def _clauses(folded: str, asked: bool) -> list[tuple[list[str], dict[str, bool], str | None]]:
    """Each clause as its topics, its troubles (and whether denied) and how it speaks of its topics."""
    clauses, joints = _split(folded)
    states = [_own_state(clause) for clause in clauses]
    states = _joined_states(clauses, joints, states, asked)
    return [(_topics(clause), _troubles(clause), state) for clause, state in zip(clauses, states, strict=True)]


def _split(folded: str) -> tuple[list[str], list[str]]:
    pieces = _words().joints.split(folded)
    return pieces[0::2], [joint.strip() for joint in pieces[1::2]]


def _own_state(clause: str) -> str | None:
    words = _words()
    if words.not_fine.search(clause):
        return "trouble"
    if words.fine.search(clause):
        return "fine"
    return "trouble" if words.trouble.search(clause) else None


def _joined_states(
    clauses: list[str], joints: list[str], states: list[str | None], asked: bool
) -> list[str | None]:
    """States of clauses that say nothing themselves: taken from the clause they are joined to.

    "He won't eat or sleep" passes on the worry, "walks and talks fine" passes the fine back, and after "but"
    the opposite of what stood before is meant.
    """
    joined = list(states)
    for place, state in enumerate(states):
        # A clause with a trouble of its own ("hits kids at school") names its other words only in passing.
        if state is None and not set(_troubles(clauses[place])) - {"regression"}:
            joined[place] = _from_neighbours(place, clauses, joints, joined) or ("trouble" if asked else None)
    return joined


def _from_neighbours(
    place: int, clauses: list[str], joints: list[str], states: list[str | None]
) -> str | None:
    before = joints[place - 1] if place else None
    after = joints[place] if place < len(joints) else None
    if before in _words().contrast:
        return {"fine": "trouble", "trouble": "fine"}.get(states[place - 1] or "")
    if after in _LINKS and states[place + 1] == "fine" and not _troubles(clauses[place + 1]):
        return "fine"
    return states[place - 1] if before in _LINKS else None


_LINKS = frozenset({"and", "y", "e", "or", "o", "ni", "nor", ",", "&", "+", "also", "tambien"})


def _topics(clause: str) -> list[str]:
    return [domain for domain, pattern in _words().topics.items() if pattern.search(clause)]


def _troubles(clause: str) -> dict[str, bool]:
    """Domains whose troubles are named, each with whether that is denied ("no tantrums") just before."""
    found: dict[str, bool] = {}
    for domain, pattern in _words().troubles.items():
        denials = [_is_denied(clause, match) for match in pattern.finditer(clause)]
        if denials:
            found[domain] = all(denials)
    return found


def _is_denied(clause: str, match: re.Match[str]) -> bool:
    words = _words()
    if words.denied.match(match.group()) or match.group().startswith(
        ("no ", "not ", "ya no", "won", "refus")
    ):
        return False
    before = " ".join(clause[: match.start()].split()[-4:])
    return bool(words.denied.search(before)) and not words.worry_words.search(before)


@lru_cache(maxsize=1)
def _words() -> _Words:
    content = _spelled_out(read_lexicon("concerns.yml"))
    domains = content["domains"]
    contrast = frozenset(content["contrast"])
    return _Words(
        topics={name: _any(entry["topics"]) for name, entry in domains.items() if "topics" in entry},
        troubles={name: _any(entry["troubles"]) for name, entry in domains.items()},
        trouble=_any(content["trouble"]),
        fine=_any(content["fine"]),
        not_fine=_any(content["not_fine"]),
        denied=_any(content["denied"]),
        worry_words=_any(content["worry_words"]),
        joints=_joint_pattern(contrast),
        contrast=contrast,
    )


def _spelled_out(content: dict[str, Any]) -> dict[str, Any]:
    """The lexicon with `{not}` replaced by the contractions it stands for, in every list of the file."""
    return {
        key: [entry.replace("{not}", content["not"]) for entry in value] if isinstance(value, list) else value
        for key, value in content.items()
    }


def _any(entries: list[str]) -> re.Pattern[str]:
    return re.compile("|".join(rf"\b(?:{re.sub(r'[$]$', '', entry)}){_end(entry)}" for entry in entries))


def _end(entry: str) -> str:
    return r"\b" if entry.endswith("$") else ""


def _joint_pattern(contrast: frozenset[str]) -> re.Pattern[str]:
    words = sorted(contrast | (_LINKS - {",", "&", "+"}), key=len, reverse=True)
    return re.compile(rf"\s*((?:[,;&+]\s*)?\b(?:{'|'.join(words)})\b|[,;&+.!?\n]+)\s*")
