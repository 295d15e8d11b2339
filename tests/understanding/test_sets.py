"""The evaluation sets keep their form: valid lines, known labels, real questions, no line twice, a third or more Spanish."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from intake.content.library import Content
from intake.rules.concerns import ConcernDomain
from intake.rules.interview import Kind
from intake.rules.safety import SafetyCategory, SafetyLevel
from intake.settings import ROOT
from intake.usecases.understanding import REPLIES

SETS = ("replies", "worries", "births", "safety", "opt_out", "out_of_scope")
LEAST_LINES = 150
TRAINED_ON = (ROOT / "data" / "nlu", ROOT / "bot" / "training")


def _lines(name: str) -> list[dict[str, Any]]:
    path = Path(ROOT / "tests" / "understanding" / f"{name}.jsonl")
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("name", SETS)
def test_a_set_is_large_enough_and_a_third_or_more_of_it_is_not_english(name: str) -> None:
    lines = _lines(name)
    assert len(lines) >= LEAST_LINES
    assert sum(line["lang"] != "en" for line in lines) >= len(lines) / 3


@pytest.mark.parametrize("name", SETS)
def test_no_line_stands_twice(name: str) -> None:
    seen = [(line["text"], json.dumps(line.get("expects"))) for line in _lines(name)]
    assert len(seen) == len(set(seen))


def test_every_label_is_one_we_know(content: Content) -> None:
    assert {line["want"]["reply"] for line in _lines("replies")} <= REPLIES
    domains = {domain for line in _lines("worries") for part in ("concerns", "negated") for domain in line["want"][part]}
    assert domains == set(ConcernDomain)
    hits = [line["want"]["safety"] for line in _lines("safety") if line["want"]["safety"]]
    assert {hit["category"] for hit in hits} <= set(SafetyCategory) and {hit["level"] for hit in hits} <= set(SafetyLevel)
    for line in _lines("replies"):
        expects = line["expects"]
        assert expects["kind"] in set(Kind)
        assert expects.get("id") is None or expects["kind"] != Kind.MILESTONE or content.questions.knows(expects["id"])


def test_a_third_of_the_safety_lines_are_look_alikes() -> None:
    lines = [line for line in _lines("safety") if not line.get("unclear_ok")]
    assert sum(line["want"]["safety"] is None for line in lines) >= len(lines) / 3


@pytest.mark.parametrize("name", ["worries", "births", "out_of_scope"])
def test_no_longer_line_is_trained_on(name: str) -> None:
    written = (path.read_text(encoding="utf-8") for folder in TRAINED_ON for path in folder.rglob("*.*"))
    trained = {_bare(line) for text in written for line in text.splitlines()}
    assert [line["text"] for line in _lines(name) if len(line["text"]) > 25 and _bare(line["text"]) in trained] == []


def _bare(line: str) -> str:
    """The text of a line of training data, in whichever of the two forms it stands."""
    text = json.loads(line)["text"] if line.startswith("{") else line.strip().removeprefix("- ")
    return str(text).strip("'\"").casefold()
