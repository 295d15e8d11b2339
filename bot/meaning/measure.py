"""Says how texts of writers that were held out are read: the honest figures, before any evaluation line is looked at."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from bot.meaning.examples import Example
from bot.meaning.labels import CONCERNS, DANGERS
from bot.meaning.learn import NOT_SCOPE, Batches, Learner


def report(learner: Learner, batches: Batches, held: list[Example]) -> None:
    """Prints accuracy of intents, F1 of concerns, and what is found of danger and of the wish to stop."""
    answers = _answers(learner, batches, held)
    _intents(learner, held, answers["intent"])
    _concerns(held, answers["concerns"], answers["fine"])
    _dangers(held, answers["danger"])
    known = [n for n, e in enumerate(held) if e.opt_out is not None]
    right = [bool(held[n].opt_out) == bool(answers["opt_out"][n, 0] > 0) for n in known]
    print(f"opt-out right: {np.mean(right):.4f} of {len(known)}")


def _answers(learner: Learner, batches: Batches, held: list[Example]) -> dict[str, np.ndarray]:
    order = sorted(range(len(held)), key=lambda n: len(held[n].text))
    found: dict[str, list[np.ndarray]] = {}
    for batch in batches.of([held[n] for n in order], [held[n].text for n in order], shuffled=False):
        got = learner.answers(tf.constant(batch.embedded), tf.constant(batch.real), tf.constant(batch.told), 0.0)
        for name, values in got.items():
            found.setdefault(name, []).append(values.numpy())
    back = np.argsort(order)
    return {name: np.concatenate(parts)[back] for name, parts in found.items()}


def _intents(learner: Learner, held: list[Example], answers: np.ndarray) -> None:
    best = [learner.intents[place] for place in answers.argmax(axis=1)]
    for name, chosen in (
        ("replies of bot/training", lambda e: e.intent and not e.group.startswith("nlu") and e.concerns is None),
        ("intents of data/nlu", lambda e: e.intent and e.group.startswith("nlu")),
    ):
        rows = [n for n, e in enumerate(held) if chosen(e) and e.intent != NOT_SCOPE]
        if rows:
            right = [best[n] == held[n].intent for n in rows]
            print(f"{name}: {np.mean(right):.4f} of {len(rows)}")
            for intent in sorted({str(held[n].intent) for n in rows}):
                mine = [best[n] == intent for n in rows if held[n].intent == intent]
                print(f"    {intent}: {np.mean(mine):.3f} of {len(mine)}")
    inside = [n for n, e in enumerate(held) if e.intent not in (None, "out_of_scope")]
    print(f"in scope refused: {np.mean([best[n] == 'out_of_scope' for n in inside]):.4f} of {len(inside)}")


def _concerns(held: list[Example], answers: np.ndarray, fine: np.ndarray) -> None:
    rows = [n for n, e in enumerate(held) if e.concerns is not None]
    wanted = np.array([[c in (held[n].concerns or ()) for c in CONCERNS] for n in rows])
    negated = np.array([[c in (held[n].fine or ()) for c in CONCERNS] for n in rows])
    for threshold in (0.3, 0.4, 0.5, 0.6, 0.7):
        line = np.log(threshold / (1 - threshold))
        got = (answers[rows] > line) & ~(fine[rows] > answers[rows])
        hit, wrong, missed = (got & wanted).sum(0), (got & ~wanted).sum(0), (~got & wanted).sum(0)
        micro = 2 * hit.sum() / (2 * hit.sum() + wrong.sum() + missed.sum())
        macro = np.mean(2 * hit / np.maximum(2 * hit + wrong + missed, 1))
        print(f"worries over {threshold}: micro-F1 {micro:.4f} macro-F1 {macro:.4f} fine as worry {(got & negated).sum()} "
              f"of {len(rows)}")


def _dangers(held: list[Example], answers: np.ndarray) -> None:
    rows = [n for n, e in enumerate(held) if e.danger is not None]
    none = np.exp(answers[rows] - answers[rows].max(1, keepdims=True))
    danger = 1 - none[:, 0] / none.sum(1)
    real = np.array([held[n].danger != DANGERS[0] for n in rows])
    alike = np.array([held[n].danger == DANGERS[0] and held[n].concerns is None and held[n].intent is None for n in rows])
    for threshold in (0.2, 0.5, 0.8, 0.9, 0.95):
        got = danger > threshold
        print(f"danger over {threshold}: found {got[real].mean() if real.any() else 0:.3f} of {real.sum()}, false alarms "
              f"{got[alike].mean() if alike.any() else 0:.3f} of {alike.sum()} look-alikes, "
              f"{got[~real & ~alike].mean():.4f} of {(~real & ~alike).sum()} others")
