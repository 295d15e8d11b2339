"""The questions parents ask: each is understood in words it was not trained on, and answered in two sentences at most."""

from __future__ import annotations

import asyncio
import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, a_request
from ruamel.yaml import YAML

from bot.channel import parse_only

# Five ways to ask each question in each language, then two more written after the first errors were read. Each set was
# written before it was run, and none of its lines is in data/nlu.
FIRST, SECOND = (
    [json.loads(line) for line in (Path(__file__).parent / name).read_text("utf-8").splitlines()]
    for name in ("parent_questions.jsonl", "parent_questions_second.jsonl")
)
NLU = ROOT / "data" / "nlu"
# What the network reads today, less a little: first set 0.90 and 0.89, second 0.83 and 0.74 (English, Spanish). Most of what it
# misses is answered by a neighbouring question's answer, and the open question comes again in any case.
LEAST_RIGHT = 0.88
LEAST_RIGHT_SECOND = 0.74
LEAST_QUESTIONS = 32
LEAST_EXAMPLES = 60
MOST_SENTENCES = 2
WHY = "ask_why"  # its answer depends on the open question
ALSO_ASK = {"ask_repeat", "ask_clarification"}  # they ask about the open question, not about the service


def read_yaml(path: Path) -> Any:
    """A file of Rasa's as plain data."""
    return YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))


DOMAIN = read_yaml(ROOT / "domain.yml")
QUESTIONS = sorted(intent for intent in DOMAIN["intents"] if intent.startswith("ask_") and intent not in ALSO_ASK)


def trained(language: str) -> list[tuple[str, str]]:
    """(intent, phrase) of everything in data/nlu in one language."""
    blocks = [block for path in sorted(NLU.glob(f"*.{language}.yml")) for block in read_yaml(path)["nlu"]]
    return [(block["intent"], line[2:]) for block in blocks for line in block["examples"].splitlines()]


def sentences(text: str) -> int:
    """How many sentences a text has."""
    return len(re.findall(r"[.!?](?=\s|$)", text))


def test_there_are_at_least_as_many_questions_as_promised() -> None:
    assert len(QUESTIONS) - 1 >= LEAST_QUESTIONS
    assert [sorted(line["intent"] for line in asked) for asked in (FIRST, SECOND)] == [QUESTIONS, QUESTIONS]


@pytest.mark.parametrize("question", [question for question in QUESTIONS if question != WHY])
def test_every_question_is_answered_in_two_sentences_at_most(question: str) -> None:
    texts = [said["text"] for said in DOMAIN["responses"][f"utter_faq_{question.removeprefix('ask_')}"]]
    assert len(texts) == 2 and (len(set(texts)) == 2 or set(texts) == {"{activities}"})  # those stand in content/activities
    assert [text for text in texts if sentences(text) > MOST_SENTENCES] == []


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_intent_is_shown_in_many_ways(language: str) -> None:
    shown = Counter(intent for intent, _ in trained(language))
    assert {intent: shown[intent] for intent in DOMAIN["intents"] if shown[intent] < LEAST_EXAMPLES} == {}


@pytest.mark.parametrize("language", ["en", "es"])
def test_no_phrase_teaches_two_intents(language: str) -> None:
    taught: dict[str, set[str]] = {}
    for intent, phrase in trained(language):
        taught.setdefault(phrase.casefold(), set()).add(intent)
    assert {phrase: intents for phrase, intents in taught.items() if len(intents) > 1} == {}


def test_no_phrase_asked_here_is_trained_on() -> None:
    phrases = {phrase.casefold() for language in ("en", "es") for _, phrase in trained(language)}
    assert [text for line in FIRST + SECOND for language in ("en", "es")
            for text in line[language] if text.casefold() in phrases] == []


@pytest.mark.parametrize(("lines", "least"), [(FIRST, LEAST_RIGHT), (SECOND, LEAST_RIGHT_SECOND)], ids=["first", "second"])
@pytest.mark.parametrize("language", ["en", "es"])
def test_questions_in_other_words_are_understood_in_the_middle_of_the_milestones(
    engine: Any, language: str, lines: list[dict[str, Any]], least: float
) -> None:
    asked = [(line["intent"], text) for line in lines for text in line[language]]
    wrong = [f"{text} [{intent}] read as {read}" for intent, text in asked
             if (read := understood(engine, text, language)) != intent]
    share = 1 - len(wrong) / len(asked)
    print(f"{language}: {share:.3f} of {len(asked)} questions understood")
    assert share >= least, "\n".join(wrong)


def understood(engine: Any, text: str, language: str) -> str:
    """The intent the trained engine reads at a milestone."""
    return str(asyncio.run(parse_only(engine, a_request(text, context={"language": language})))["intent"])
