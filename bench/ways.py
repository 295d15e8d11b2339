"""``make bench-ways``: which way of understanding is how good on writers held out of training. The evaluation lines take no part.

    bot/.venv/bin/python -m bench.ways results/held_out.npz

Runs in the engine's environment, on what ``make learn-hold-out`` wrote. Worries: the lexicon, spaCy's classifier, the frozen
network with a logistic regression, the taught network, and these together. Replies: rules, network, both, and how often the
network is right by how sure it is, which is where the thresholds in ``bot/components`` come from.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier

from bot.components import meaning_reader
from bot.components.concern_reader import Concerns, find_concerns, joined
from bot.components.meaning_reader import DANGEROUS, join_learned
from bot.components.reader import OpenQuestion
from bot.components.reply_reader import read_reply
from bot.components.reply_words import Reading
from bot.components.wording import fold
from bot.components.worry_classifier import taught
from bot.meaning.embedding import Embedding
from bot.meaning.examples import Example, Wordings, gather
from bot.meaning.labels import CONCERNS, NO_DANGER
from bot.meaning.learn import is_held_out
from bot.meaning.meaning import GRAPH, Meaning, RunningNetwork
from bot.meaning.pretrained import pretrained

BANDS = ((0.0, 0.3), (0.3, 0.45), (0.45, 0.6), (0.6, 0.8), (0.8, 0.9), (0.9, 1.01))
NO_OPINION = Reading("out_of_scope", 0.0)


def f1(lines: list[Example], found: Iterable[Iterable[str]]) -> str:
    """Micro-F1, macro-F1 and how many parts said to be fine came back as a worry."""
    got = np.array([[name in set(worries) for name in CONCERNS] for worries in found])
    want = np.array([[name in (line.concerns or ()) for name in CONCERNS] for line in lines])
    fine = np.array([[name in (line.fine or ()) for name in CONCERNS] for line in lines])
    hit, bad = (got & want).sum(0), (got ^ want).sum(0)
    micro, macro = 2 * hit.sum() / (2 * hit.sum() + bad.sum()), np.mean(2 * hit / np.maximum(2 * hit + bad, 1))
    return f"{micro:.3f} | {macro:.3f} | {(got & fine).sum()} |"


def frozen_vectors(lines: list[Example]) -> np.ndarray:
    """One vector a text from the network as its wheel has it."""
    from bot.meaning.graph import write_graph

    embedding = Embedding(pretrained(), Wordings.from_content())
    with tempfile.TemporaryDirectory() as folder:
        write_graph(pretrained(), {}, Path(folder) / GRAPH)
        run = RunningNetwork.session(Path(folder) / GRAPH)
        cut = [embedding.ids(line.text, line.kind, line.id) for line in lines]
        return np.array([run.run(None, {"embedded": embedding.of(ids)})[0][start:].mean(axis=0) for ids, start in cut])


def worries(known: list[Example], held: list[Example], meanings: list[Meaning]) -> None:
    """Prints how well each way finds worries."""
    lexicon = [find_concerns(line.text, asked=True) for line in held]
    language = taught([(line.text, line.concerns or frozenset()) for line in known])
    by_words = [dict(doc.cats) for doc in language.pipe([fold(line.text) for line in held])]
    vectors, marks = frozen_vectors(known + held), np.array([[c in (e.concerns or ()) for c in CONCERNS] for e in known])
    regression = OneVsRestClassifier(LogisticRegression(C=20, max_iter=4000, class_weight="balanced"))
    guessed = regression.fit(vectors[: len(known)], marks).predict_proba(vectors[len(known) :])
    nothing = [Concerns() for _ in held]
    ways: list[tuple[str, Iterable[Iterable[str]]]] = [
        ("lexicon", [found.worries for found in lexicon]),
        ("spaCy's classifier, words and pairs", [_over(cats, 0.3) for cats in by_words]),
        ("frozen network, logistic regression", [_over(dict(zip(CONCERNS, row, strict=True)), 0.5) for row in guessed]),
        ("taught network", [joined(none, meaning, {}).worries for none, meaning in zip(nothing, meanings, strict=True)]),
        ("taught network, lexicon", [joined(a, m, {}).worries for a, m in zip(lexicon, meanings, strict=True)]),
        ("all three, as they run", [joined(a, m, b).worries for a, m, b in zip(lexicon, meanings, by_words, strict=True)]),
    ]
    print(f"\nWorries: {len(held)} texts of writers held out\n")
    print("| way | micro-F1 | macro-F1 | fine as worry |\n| --- | --- | --- | --- |")
    for name, found in ways:
        print(f"| {name} | {f1(held, found)}")


def _over(chances: dict[str, float], line: float) -> list[str]:
    return [name for name, chance in chances.items() if chance >= line]


def replies(held: list[Example], meanings: list[Meaning]) -> None:
    """Prints how well each way reads replies, and how sure the network may be believed to be."""
    pairs = list(zip(held, meanings, strict=True))

    def by(guess: Callable[[Meaning], Reading]) -> float:
        return float(np.mean([_read(line, guess(meaning)).intent == line.intent for line, meaning in pairs]))

    network = [meaning.intent[0] == line.intent for line, meaning in pairs]
    print(f"\nReplies: {len(held)} texts of writers held out\n\n| way | accuracy |\n| --- | --- |")
    print(f"| words and patterns | {by(lambda _: NO_OPINION):.3f} |\n| taught network | {np.mean(network):.3f} |")
    print(f"| both, as they run | {by(lambda meaning: Reading(*meaning.intent)):.3f} |")
    print("\n| sure | texts | right |\n| --- | --- | --- |")
    readings = [(line, _read(line, Reading(*meaning.intent))) for line, meaning in pairs]
    for low, high in BANDS:
        right = [reading.intent == line.intent for line, reading in readings if low <= reading.confidence < high]
        print(f"| {low:.2f} to {min(high, 1.0):.2f} | {len(right)} | {np.mean(right) if right else 0:.3f} |")


def _read(line: Example, guess: Reading) -> Reading:
    return read_reply(line.text, OpenQuestion(line.kind, "en", date(2026, 11, 22), None, line.id), guess)


def dangers(held: list[Example], meanings: list[Meaning]) -> None:
    """Prints what the network finds of danger by itself, and how often it cries wolf."""
    chances = np.array([1 - meaning.dangers[NO_DANGER] for meaning in meanings])
    real = np.array([line.danger != NO_DANGER for line in held])
    alike = np.array([line.danger == NO_DANGER and line.intent is None for line in held])
    print(f"\nDanger, by the network alone: {real.sum()} dangers, {alike.sum()} look-alikes, {(~real & ~alike).sum()} others\n")
    print("| from | found | false alarms among look-alikes | among other texts |\n| --- | --- | --- | --- |")
    for line in sorted({0.3, 0.5, DANGEROUS, 0.9}):
        got = chances >= line
        print(f"| {line} | {got[real].mean():.3f} | {got[alike].mean():.3f} | {got[~real & ~alike].mean():.4f} |")


def _tells(line: Example) -> bool:
    return line.concerns is not None and line.intent == "inform"


def _replies(line: Example) -> bool:
    return line.concerns is None and line.intent not in (None, "inform") and not line.group.startswith(("nlu", "scope"))


def main() -> None:
    """Prints all of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("learned", type=Path, help="what `make learn-hold-out` wrote")
    meaning_reader.LEARNED = parser.parse_args().learned
    examples = gather()
    held = [line for line in examples if is_held_out(line.group)]
    with tempfile.TemporaryDirectory() as folder:
        network = join_learned(Path(folder), Wordings.from_content())
        meanings = {id(line): network.meaning(line.text, line.kind, line.id) for line in held}

    def part(chosen: Callable[[Example], bool]) -> tuple[list[Example], list[Meaning]]:
        lines = [line for line in held if chosen(line)]
        return lines, [meanings[id(line)] for line in lines]

    worries([line for line in examples if _tells(line) and not is_held_out(line.group)], *part(_tells))
    replies(*part(_replies))
    dangers(*part(lambda line: line.danger is not None))


if __name__ == "__main__":
    main()
