"""Two others taught the same texts, read the same evaluation lines: Rasa's default pipeline (DIET) and plain keywords.

    bot/.venv/bin/python -m bench.understanding_peers RESULTS [--epochs 10]

Runs in the engine's environment, because Rasa lives there; ``bench/understanding.py`` calls it and scores what it writes: one
JSON file a peer, ``{set: [{"reply", "concerns", "safety", "opt_out", "out_of_scope", "seconds"}, …]}`` in the order of the
lines. Neither peer is told the open question: Rasa's pipeline has no place for it. Several worries in one message are one
label each with "+" between them, as Rasa's documentation has it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import os
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")

from bot.components.reply_words import words_in
from bot.meaning.examples import ROOT, Example, gather
from bot.meaning.labels import CONCERNS, NO_DANGER

SETS = ("replies", "worries", "safety", "opt_out", "out_of_scope")
EPOCHS = 10
WORRY, DANGER, STOP = "worry", "danger", "stop_texting"
SPLIT = "+"
# A word is a keyword of a label when the label has it this often, and this much more often than the others.
LEAST_TEXTS, LEAST_SHARE = 4, 0.5
REPLIES = frozenset({"yes", "sometimes", "not_yet", "not_sure", "lost_skill", "skip", "ask_clarification", "ask_repeat",
                     "wants_person", "correct_previous", "out_of_scope"})
Labels = list[str]


def labels_of(example: Example) -> Labels:
    """What a text teaches a peer: an intent, worries, a danger, or a wish to stop. Nothing where it says none of these."""
    if example.danger not in (None, NO_DANGER):
        return [DANGER]
    if example.opt_out:
        return [STOP]
    if example.concerns:
        return [f"{WORRY}_{domain}" for domain in sorted(example.concerns)]
    return [example.intent] if example.intent and not example.intent.startswith("not ") else []


def as_answer(labels: Labels) -> dict[str, Any]:
    """Labels in the form ``growline understand`` answers."""
    reply = next((label for label in labels if label in REPLIES), None)
    concerns = [label.removeprefix(f"{WORRY}_") for label in labels if label.startswith(f"{WORRY}_")]
    return {"reply": reply, "concerns": [domain for domain in concerns if domain in CONCERNS],
            "safety": {"category": DANGER} if DANGER in labels else None, "opt_out": STOP in labels,
            "out_of_scope": reply == "out_of_scope"}


class Keywords:
    """The words (and pairs of words) that most often mean a label; a message has every worry it has a keyword of."""

    def __init__(self, taught: list[tuple[str, Labels]]) -> None:
        texts: Counter[str] = Counter()
        with_label: Counter[tuple[str, str]] = Counter()
        for text, labels in taught:
            for word in _terms(text):
                texts[word] += 1
                with_label.update((word, label) for label in labels)
        self._weights = {
            (word, label): math.log((count + 1) / (texts[word] - count + 1))
            for (word, label), count in with_label.items()
            if count >= LEAST_TEXTS and count / texts[word] >= LEAST_SHARE
        }
        self._labels = sorted({label for _, label in self._weights})

    def read(self, text: str) -> Labels:
        """The labels found; of those that exclude one another, the one with the most weight."""
        terms = _terms(text)
        sums = {label: sum(self._weights.get((word, label), 0.0) for word in terms) for label in self._labels}
        worries = [label for label, weight in sums.items() if weight > 0 and label.startswith(WORRY)]
        others = {label: weight for label, weight in sums.items() if weight > 0 and not label.startswith(WORRY)}
        return worries + ([max(others, key=lambda label: others[label])] if others else [] if worries else ["out_of_scope"])


def _terms(text: str) -> set[str]:
    words = words_in(text)
    return {*words, *(f"{words[at]} {words[at + 1]}" for at in range(len(words) - 1))}


def diet(taught: list[tuple[str, Labels]], epochs: int, folder: Path) -> Callable[[str], Labels]:
    """Rasa's default pipeline, trained; returns its reader."""
    from rasa.core.agent import Agent
    from rasa.model_training import train_nlu

    config, data = folder / "config.yml", folder / "nlu.yml"
    config.write_text(DEFAULT_PIPELINE.format(epochs=epochs), encoding="utf-8")
    data.write_text("".join(_as_yaml(taught)), encoding="utf-8")
    model = train_nlu(str(config), str(data), str(folder))
    agent = Agent.load(model)

    def read(text: str) -> Labels:
        parsed = asyncio.run(agent.parse_message(text or " "))
        intent = parsed["intent"]["name"]
        return ["out_of_scope"] if intent in (None, "nlu_fallback") else str(intent).split(SPLIT)

    return read


# What `rasa init` proposes, with the number of epochs open.
DEFAULT_PIPELINE = """
recipe: default.v1
language: en
pipeline:
  - {{name: WhitespaceTokenizer, intent_tokenization_flag: true, intent_split_symbol: "+"}}
  - name: RegexFeaturizer
  - name: LexicalSyntacticFeaturizer
  - name: CountVectorsFeaturizer
  - {{name: CountVectorsFeaturizer, analyzer: char_wb, min_ngram: 1, max_ngram: 4}}
  - {{name: DIETClassifier, epochs: {epochs}, constrain_similarities: true, entity_recognition: false}}
  - {{name: FallbackClassifier, threshold: 0.3, ambiguity_threshold: 0.1}}
"""


def _as_yaml(taught: list[tuple[str, Labels]]) -> Iterator[str]:
    by_label: dict[str, list[str]] = {}
    for text, labels in taught:
        by_label.setdefault(SPLIT.join(labels), []).append(" ".join(text.split()))
    yield 'version: "3.1"\nnlu:\n'
    for label, texts in sorted(by_label.items()):
        yield f"- intent: {json.dumps(label)}\n  examples: |\n"
        yield from (f"    - {text.replace('[', '(').replace(']', ')')}\n" for text in texts if text)


def read_sets(read: Callable[[str], Labels]) -> dict[str, list[dict[str, Any]]]:
    """Every line of every set, read and timed."""
    found: dict[str, list[dict[str, Any]]] = {}
    for name in SETS:
        for row in (ROOT / "tests" / "understanding" / f"{name}.jsonl").read_text(encoding="utf-8").splitlines():
            begun = time.perf_counter()
            answer = as_answer(read(json.loads(row)["text"]))
            found.setdefault(name, []).append({**answer, "seconds": time.perf_counter() - begun})
    return found


def main() -> None:
    """Teaches both peers and writes what they read."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("results", type=Path)
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    asked = parser.parse_args()
    asked.results.mkdir(parents=True, exist_ok=True)
    taught = [(example.text, labels) for example in gather() if (labels := labels_of(example))]
    _write(asked.results / "keywords.json", read_sets(Keywords(taught).read))
    with tempfile.TemporaryDirectory() as folder:
        _write(asked.results / "diet.json", read_sets(diet(taught, asked.epochs, Path(folder))))


def _write(path: Path, found: dict[str, list[dict[str, Any]]]) -> None:
    path.write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main()
