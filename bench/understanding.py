"""``make bench-understanding``: how well messages never seen in training are understood, per kind and language.

The lines of tests/understanding/ go through the code of ``growline understand``, one after the other; what counts as right
stands in the README there. Nothing is trained or tuned on them. Beside ours the same lines are read by Rasa's default pipeline
and by plain keywords, taught the same texts in the same run. Prints Markdown; errors go to results/understanding/.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from growline.training import engine_environment
from growline.understanding import an_engine
from intake.content.library import Content, load_content
from intake.settings import ROOT
from intake.usecases.understanding import understand

SETS = ROOT / "tests" / "understanding"
ERRORS = ROOT / "results" / "understanding"
PEERS = ROOT / "results" / "understanding_peers"
NAMES = ("replies", "worries", "births", "safety", "opt_out", "out_of_scope", "languages")
LEAST_WORDS = 4
TODAY = "2026-11-22"
LANGUAGES = ("all", "en", "es", "mixed")


@dataclass
class Read:
    """One line of a set: the ``line`` itself, what was ``got``, and the ``seconds`` it took."""

    line: dict[str, Any]
    got: dict[str, Any]
    seconds: float

    @property
    def want(self) -> Any:
        return next(iter(self.line["want"].values()))

    def ok(self, key: str) -> list[Any]:
        """Further right answers for ``key``, where honest readers differ."""
        return list(self.line.get("ok", {}).get(key, []))


@dataclass
class Counts:
    """True positives, false positives and false negatives of labels, by label."""

    hit: dict[str, int] = field(default_factory=dict)
    wrong: dict[str, int] = field(default_factory=dict)
    missed: dict[str, int] = field(default_factory=dict)

    def add(self, where: dict[str, int], labels: Iterable[str]) -> None:
        for label in labels:
            where[label] = where.get(label, 0) + 1

    def f1(self, labels: Iterable[str]) -> float:
        """F1 over ``labels`` together."""
        chosen = list(labels)
        hit = sum(self.hit.get(label, 0) for label in chosen)
        bad = sum(self.wrong.get(label, 0) + self.missed.get(label, 0) for label in chosen)
        return 2 * hit / (2 * hit + bad) if hit or bad else 1.0

    def labels(self) -> list[str]:
        """Every label that was wanted."""
        return sorted({*self.hit, *self.missed})


def right_reply(read: Read) -> bool:
    """Whether the reply is the one wanted."""
    return read.got["reply"] in [read.want, *read.ok("reply")]


def right_birth(read: Read) -> bool:
    """Whether months, ambiguity and early birth are as wanted; nothing read counts as everything unknown."""
    got = read.got["birth"] or {"months": None, "ambiguous": False, "weeks_early": None}
    months = got["months"] in [read.want["months"], *read.ok("months")]
    early = (got["weeks_early"] or 0) in [read.want["weeks_early"] or 0, *read.ok("weeks_early")]
    return months and early and got["ambiguous"] == read.want["ambiguous"]


def right_language(read: Read) -> bool:
    """Whether the language is the one wanted."""
    return bool(read.got["language"] == read.want)


def right_opt_out(read: Read) -> bool:
    """Whether a wish to stop was seen, and only a wish to stop."""
    return bool(read.got["opt_out"] == read.want)


def share(reads: list[Read], right: Callable[[Read], bool]) -> float | None:
    """The share of ``reads`` that are right; None when there are none."""
    return sum(map(right, reads)) / len(reads) if reads else None


def worry_counts(reads: list[Read]) -> Counts:
    """Labels found, wrongly found and missed over all worries."""
    counts = Counts()
    for read in reads:
        wanted, got = set(read.line["want"]["concerns"]), set(read.got["concerns"])
        free = set(read.ok("concerns"))
        counts.add(counts.hit, wanted & got)
        counts.add(counts.wrong, got - wanted - free)
        counts.add(counts.missed, wanted - got - free)
    return counts


def fine_taken_for_worry(reads: list[Read]) -> int:
    """How many parts said to be fine came back as a worry."""
    return sum(len(set(read.line["want"]["negated"]) & set(read.got["concerns"]) - set(read.ok("concerns"))) for read in reads)


def in_training(text: str, known: frozenset[str]) -> bool:
    """Whether a line stands word for word among the texts to learn from. Shorter ones than four words ("no", "ya no") are what
    everybody writes and stay."""
    words = text.casefold().split()
    return len(words) >= LEAST_WORDS and " ".join(words) in known


def texts_learned_from() -> frozenset[str]:
    """Everything that was written to learn from, folded."""
    phrases = [line[6:] for path in (ROOT / "data" / "nlu").glob("*.yml") for line in path.read_text("utf-8").splitlines()
               if line.startswith("    - ")]
    texts = [json.loads(line)["text"] for path in (ROOT / "bot" / "training").glob("*.jsonl")
             for line in path.read_text("utf-8").splitlines()]
    return frozenset(" ".join(text.casefold().split()) for text in phrases + texts)


def read_all(name: str, content: Content, parse: Any) -> list[Read]:
    """Every line of the set ``name``, understood and timed."""
    reads, known = [], texts_learned_from()
    for row in (SETS / f"{name}.jsonl").read_text(encoding="utf-8").splitlines():
        line = json.loads(row)
        if in_training(line["text"], known):
            continue
        start = time.perf_counter()
        got = understand(line["text"], line.get("expects"), date.fromisoformat(line.get("today", TODAY)), content, parse)
        reads.append(Read(line, got, time.perf_counter() - start))
    return reads


def read_by_peer(name: str, answers: dict[str, list[dict[str, Any]]]) -> list[Read]:
    """The set ``name`` as a peer read it."""
    known, rows = texts_learned_from(), (SETS / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    reads = [Read(json.loads(row), got, got["seconds"]) for row, got in zip(rows, answers[name], strict=True)]
    return [read for read in reads if not in_training(read.line["text"], known)]


def of_language(reads: list[Read], language: str) -> list[Read]:
    """The reads whose line is in ``language`` ("all" for every one)."""
    return [read for read in reads if language == "all" or read.line.get("lang") == language]


def percent(value: float | None) -> str:
    """A share as people read it."""
    return "–" if value is None else f"{value:.3f}"


def rows(sets: dict[str, list[Read]]) -> Iterable[tuple[str, str, Callable[[list[Read]], str], str]]:
    """(what, target, how it is computed from the reads, which set) of each row of the table."""
    yield "replies, accuracy", "0.97", lambda r: percent(share(r, right_reply)), "replies"
    yield "worries, micro-F1", "0.90", lambda r: percent(worry_counts(r).f1(worry_counts(r).labels())), "worries"
    yield "worries, macro-F1", "0.85", _macro, "worries"
    yield "fine returned as a worry", "0", lambda r: str(fine_taken_for_worry(r)), "worries"
    yield "births", "0.97", lambda r: percent(share(r, right_birth)), "births"
    yield "safety, found", "all", lambda r: _found([x for x in r if x.want and not x.line.get("unclear_ok")]), "safety"
    yield "safety, false alarms", "0.03", lambda r: percent(share(
        [x for x in r if not x.want and not x.line.get("unclear_ok")], lambda x: bool(x.got["safety"]))), "safety"
    yield "opt-out, right", "all", lambda r: percent(share(r, right_opt_out)), "opt_out"
    yield "out of scope found", "0.92", lambda r: percent(share([x for x in r if x.want], lambda x: x.got["out_of_scope"])), \
        "out_of_scope"
    yield "in scope refused", "0.02", lambda r: percent(share([x for x in r if not x.want], lambda x: x.got["out_of_scope"])), \
        "out_of_scope"


def _found(reads: list[Read]) -> str:
    return f"{sum(bool(read.got['safety']) for read in reads)} of {len(reads)}"


def _macro(reads: list[Read]) -> str:
    counts = worry_counts(reads)
    return percent(statistics.mean(counts.f1([label]) for label in counts.labels())) if counts.labels() else "–"


def write_errors(name: str, reads: list[Read], right: Callable[[Read], bool]) -> None:
    """Writes what was wrong in a set, so that every error can be read."""
    ERRORS.mkdir(parents=True, exist_ok=True)
    wrong = [{"text": r.line["text"], "expects": r.line.get("expects"), "want": r.line["want"], "got": r.got}
             for r in reads if not right(r)]
    (ERRORS / f"{name}.jsonl").write_text("".join(json.dumps(w, ensure_ascii=False) + "\n" for w in wrong), encoding="utf-8")


def _right(name: str) -> Callable[[Read], bool]:
    return {
        "replies": right_reply, "births": right_birth, "opt_out": right_opt_out, "languages": right_language,
        "worries": lambda r: set(r.line["want"]["concerns"]) - set(r.ok("concerns"))
        == set(r.got["concerns"]) - set(r.ok("concerns")),
        "safety": lambda r: bool(r.line.get("unclear_ok")) or bool(r.want) == bool(r.got["safety"]),
        "out_of_scope": lambda r: bool(r.want == r.got["out_of_scope"]),
    }[name]


def teach_peers() -> None:
    """Teaches the peers and lets them read, in the engine's environment, where Rasa lives."""
    python = ROOT / "bot" / ".venv" / "bin" / "python"
    environment = engine_environment({**os.environ, "PYTHONPATH": str(ROOT)})
    subprocess.run([str(python), "-m", "bench.understanding_peers", str(PEERS), *sys.argv[1:]], cwd=ROOT, env=environment,
                   check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def print_table(title: str, sets: dict[str, list[Read]]) -> None:
    """One reader's figures, for the sets it reads."""
    print(f"\n### {title}\n\n| | target | " + " | ".join(LANGUAGES) + " |\n| --- | --- |" + " --- |" * len(LANGUAGES))
    for what, target, compute, name in rows(sets):
        if name in sets:
            cells = [compute(of_language(sets[name], language)) for language in LANGUAGES]
            print(f"| {what} | {target} | " + " | ".join(cells) + " |")
    if "languages" in sets:
        print(f"| language | – | {percent(share(sets['languages'], right_language))} | – | – | – |")
    for name, what, target in (("replies", "a short reply", "8"), ("worries", "a worry", "25")):
        median = statistics.median(read.seconds for read in sets[name]) * 1000
        print(f"| median ms for {what} | {target} | {median:.1f} | – | – | – |")


def _lines_of(name: str) -> int:
    return len((SETS / f"{name}.jsonl").read_text(encoding="utf-8").splitlines())


def main() -> None:
    """Prints the tables and writes the errors."""
    content = load_content(ROOT / "content")
    with an_engine() as engine:
        sets = {name: read_all(name, content, engine.parse) for name in NAMES}
    print("Lines left out because they stand word for word in the training texts: "
          + ", ".join(f"{name} {_lines_of(name) - len(reads)}" for name, reads in sets.items()))
    print_table("Growline", sets)
    for name, reads in sets.items():
        write_errors(name, reads, _right(name))
    teach_peers()
    for title, file in (("Rasa's default pipeline (DIET)", "diet.json"), ("Plain keywords", "keywords.json")):
        answers = json.loads((PEERS / file).read_text(encoding="utf-8"))
        print_table(title, {name: read_by_peer(name, answers) for name in answers})
    print(f"\nErrors line by line: {Path('results/understanding')}")


if __name__ == "__main__":
    main()
