"""Ordinary texts in English and Spanish, thousands of them: no family is sent to an interpreter or to 911 for them.

They are the texts the engine learns from (``bot/training``, ``data/nlu``); the rules were not written from most of them.
"""

from __future__ import annotations

import json

import pytest

from intake.content.library import Content
from intake.rules.language import recognise
from intake.rules.safety import find_safety
from intake.settings import ROOT

TRAINING = ROOT / "bot" / "training"
MAY_BE_DANGER = {"injury_violence", "housing_lead", "asthma_breathing", "medical_health", "family_support", "regression"}
MOST_ALARMS = 0.01
ONCE_IN = 5000


def _rows(pattern: str) -> list[dict[str, object]]:
    return [json.loads(line) for path in sorted(TRAINING.glob(pattern)) for line in path.read_text("utf-8").splitlines()]


def _phrases() -> list[str]:
    lines = (line for path in sorted((ROOT / "data" / "nlu").glob("*.yml")) for line in path.read_text("utf-8").splitlines())
    return [line[6:] for line in lines if line.startswith("    - ")]


def test_nobody_who_writes_english_or_spanish_is_sent_away(content: Content) -> None:
    texts = [str(row["text"]) for row in _rows("*.jsonl")] + _phrases()
    other = [text for text in texts if recognise(text, content.languages) == "other"]
    assert len(texts) > 20_000 and len(other) <= len(texts) / ONCE_IN, other


@pytest.mark.parametrize("kind", ["replies", "phrases", "worries"])
def test_an_ordinary_text_is_hardly_ever_taken_for_danger(content: Content, kind: str) -> None:
    worries = [str(row["text"]) for row in _rows("worries*.jsonl") if not MAY_BE_DANGER & set(row["concerns"])]  # type: ignore[call-overload]
    texts = {"replies": [str(row["text"]) for row in _rows("replies*.jsonl")], "phrases": _phrases(), "worries": worries}[kind]
    hits = [(text, hit.situation) for text in texts if (hit := find_safety(text, content.safety.lexicon))]
    alarms = [(text, situation) for text, situation in hits if situation != "lost_skills"]
    assert len(alarms) <= MOST_ALARMS * len(texts), alarms
