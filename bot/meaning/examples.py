"""Gathers what there is to learn from: bot/training/*.jsonl and data/nlu, each text with the question it was an answer to.

A line of bot/training says what it is an example of by the fields it has: `reply` (with `expects`), `concerns` and
`negated`, `danger`, `opt_out`, `out_of_scope`. What a line does not say is not learned from it: a message about lead paint
teaches nothing about danger, because it may well be one.
"""

from __future__ import annotations

import json
import random
import unicodedata
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from bot.components.reader import read_lexicon
from bot.meaning.labels import NO_DANGER

ROOT = Path(__file__).resolve().parents[2]
TRAINING = ROOT / "bot" / "training"
NLU = ROOT / "data" / "nlu"
QUESTIONS = ROOT / "content" / "questions"
MADE_OF = (("bot/training", "*.jsonl"), ("data/nlu", "*.yml"))

REPLY_KINDS = ("consent", "lost_skills", "confirm_answers", "contact_consent", "early_birth", "needs_met")
TOLD_KINDS = ("worry", "worry", "worry", "free", "none", "lost_skills")
ANSWERED_REPLIES = frozenset({"yes", "sometimes", "not_yet", "not_sure", "lost_skill"})
INFORMED = "inform"
# Worries of these domains may be dangers as well; they teach nothing about danger.
MAY_BE_DANGERS = frozenset(
    {"injury_violence", "housing_lead", "asthma_breathing", "medical_health", "family_support"}
)


@dataclass(frozen=True)
class Example:
    """One text to learn from. None in a field: the text says nothing about it. `group` is its writer."""

    text: str
    kind: str
    id: str | None
    group: str
    intent: str | None = None
    concerns: frozenset[str] | None = None
    fine: frozenset[str] | None = None
    danger: str | None = None
    opt_out: bool | None = None


class Wordings:
    """What a question asks, in words: a milestone's own wording, or a line for the kind."""

    def __init__(self, kinds: Mapping[str, str], milestones: Mapping[str, str]) -> None:
        self._kinds, self._milestones = dict(kinds), dict(milestones)

    def of(self, kind: str, id_: str | None) -> str:
        """The wording of the question that is open."""
        milestone = (id_ or "").partition("?")[0]  # behind a question mark stands how an unclear answer was read
        own = self._kinds.get(f"{kind}.{id_}")
        return own or self._milestones.get(milestone) or self._kinds.get(kind) or self._kinds["none"]

    def as_json(self) -> str:
        """Both tables, to be kept with a model."""
        return json.dumps({"kinds": self._kinds, "milestones": self._milestones})

    @classmethod
    def from_json(cls, text: str) -> Wordings:
        """What `as_json` wrote."""
        return cls(**json.loads(text))

    @classmethod
    def from_content(cls) -> Wordings:
        """The wordings that stand in this project's content."""
        yaml = YAML(typ="safe")
        milestones = {}
        for path in sorted(QUESTIONS.glob("*-months.yaml")):
            for entry in yaml.load(path.read_text(encoding="utf-8"))["questions"]:
                milestones[entry["id"]] = entry["question"]["en"].replace("{child}", "the child")
        return cls(read_lexicon("questions.yml"), milestones)

    @property
    def milestones(self) -> list[str]:
        """Ids of all milestones."""
        return list(self._milestones)


def gather() -> list[Example]:
    """Every example there is, each text with the same question once."""
    milestones = Wordings.from_content().milestones
    found = [*_from_training(), *_from_nlu(milestones)]
    unique = {(example.text, example.kind, example.id): example for example in reversed(found)}
    return list(reversed(unique.values()))


def _from_training() -> Iterator[Example]:
    for path in sorted(TRAINING.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            yield _from_line(json.loads(line))


def _from_line(line: Mapping[str, Any]) -> Example:
    expects = line.get("expects") or {"kind": _pick(line["text"], TOLD_KINDS)}
    example = Example(line["text"], expects["kind"], expects.get("id"), line["group"])
    if "reply" in line:
        answered = line["reply"] in ANSWERED_REPLIES
        return replace(example, intent=line["reply"], danger=NO_DANGER if answered else None, opt_out=False)
    if "concerns" in line:
        concerns = frozenset(line["concerns"])
        danger = None if concerns & MAY_BE_DANGERS else NO_DANGER
        return replace(
            example, intent=INFORMED, concerns=concerns, fine=frozenset(line["negated"]), danger=danger, opt_out=False
        )
    if "danger" in line:
        return replace(example, danger=line["danger"], opt_out=False)
    if "opt_out" in line:
        return replace(example, opt_out=line["opt_out"])
    if line.get("out_of_scope"):
        return replace(example, intent="out_of_scope", concerns=frozenset(), fine=frozenset(), opt_out=False)
    return replace(example, intent="not out_of_scope", opt_out=False)


def _from_nlu(milestones: list[str]) -> Iterator[Example]:
    yaml = YAML(typ="safe")
    for path in sorted(NLU.glob("*.yml")):
        for block in yaml.load(path.read_text(encoding="utf-8"))["nlu"]:
            for line in block["examples"].splitlines():
                if line.startswith("- "):
                    yield _from_phrase(line[2:].strip(), block["intent"], milestones, path.stem)


def _from_phrase(text: str, intent: str, milestones: list[str], source: str) -> Example:
    told = intent == INFORMED
    # What may be said at any time is said at a milestone half of the time: there are more of those than of other questions.
    kind = _pick(text, ("worry", "none", "free") if told else (*("milestone",) * 12, *REPLY_KINDS, *TOLD_KINDS))
    if intent in ANSWERED_REPLIES:
        kind = _pick(text, ("milestone", "milestone", *REPLY_KINDS))
    id_ = _pick(text + "?", tuple(milestones)) if kind == "milestone" else None
    return Example(text, kind, id_, f"nlu:{source}:{zlib.crc32(text.encode()) % 20}", intent=intent, opt_out=False)


def _pick(text: str, among: tuple[str, ...]) -> str:
    """One of `among`, the same one for the same text on every machine."""
    return among[zlib.crc32(text.encode()) % len(among)]


def as_typed_in_haste(text: str, chance: random.Random) -> str:
    """The text as a tired thumb might have typed it: no capitals, no accents, no punctuation, a letter missing."""
    if chance.random() < 0.5:
        text = text.lower()
    if chance.random() < 0.4:
        text = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c) or c == "\u0303")
        text = unicodedata.normalize("NFC", text)
    if chance.random() < 0.3:
        text = "".join(c for c in text if c not in ".,!?¿¡;:'’") or text
    if chance.random() < 0.2 and len(text) > 12:
        place = chance.randrange(2, len(text) - 2)
        text = text[:place] + text[place + 1 :]
    return text
