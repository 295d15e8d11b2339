"""Teaches the network our questions: thin layers beside its frozen ones, and the answers on top (TensorFlow, once).

    bot/.venv/bin/python -m bot.meaning.learn              learns from everything, writes learned.npz
    bot/.venv/bin/python -m bot.meaning.learn --hold-out   learns without a fifth of the writers and says how they are read

What is learned is small (two narrow matrices beside each of the network's, see "LoRA", Hu et al. 2021): some two million
numbers, which are kept in the repository; `rasa train` joins them to the frozen network.
"""

from __future__ import annotations

import argparse
import hashlib
import math
import os
import queue
import random
import threading
import time
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import tensorflow as tf

from bot.meaning.embedding import Embedding
from bot.meaning.examples import MADE_OF, ROOT, Example, Wordings, as_typed_in_haste, gather
from bot.meaning.labels import CONCERNS, DANGERS
from bot.meaning.pretrained import Pretrained, pretrained

LEARNED = Path(__file__).parent / "learned.npz"
RANK = 16
EPOCHS = 3
PIECES_A_BATCH = 900
ADAPTER_RATE = 8e-4
ANSWER_RATE = 3e-3
AGAIN = 0.5  # share of these rates when going on from what was learned before
SAMPLED = 512
WARM_UP = 0.06
UNKNOWN = 0.12
DROPPED = 0.3
SMOOTHED = 0.1
HELD_OUT = 5
NOT_SCOPE = "not out_of_scope"


@dataclass
class Batch:
    """Padded texts and what is known of them. Masks are 1 where a label is known."""

    embedded: np.ndarray  # [n, pieces, width]
    real: np.ndarray  # [n, pieces] 1 for a piece, 0 for padding
    told: np.ndarray  # [n, pieces] 1 for a piece of the message itself
    labels: dict[str, np.ndarray]


class Encoder(tf.Module):
    """The frozen layers with thin trainable ones beside every matrix."""

    def __init__(self, base: Pretrained, seed: int) -> None:
        super().__init__()
        self.shape = base.shape
        self.frozen = {name: tf.constant(array.T if array.ndim == 2 else array) for name, array in base.arrays.items()
                       if not name.startswith("emb.")}
        start = np.random.default_rng(seed)
        self.down, self.up = {}, {}
        for name, array in base.arrays.items():
            if array.ndim == 2:
                narrow = start.normal(0, 1 / math.sqrt(array.shape[1]), (array.shape[1], RANK))
                self.down[name[:-2]] = tf.Variable(narrow.astype(np.float32))
                self.up[name[:-2]] = tf.Variable(tf.zeros((RANK, array.shape[0])))

    def __call__(self, states: tf.Tensor, real: tf.Tensor) -> tf.Tensor:
        unseen = (1.0 - real)[:, None, None, :] * -1e9
        for number in range(self.shape.layers):
            name = f"l{number}"
            states = self._normal(states + self._attended(states, unseen, name), f"{name}.aln")
            inner = tf.nn.gelu(self._linear(states, f"{name}.fi"))
            states = self._normal(states + self._linear(inner, f"{name}.fo"), f"{name}.oln")
        return states

    def _attended(self, states: tf.Tensor, unseen: tf.Tensor, name: str) -> tf.Tensor:
        count, pieces = tf.shape(states)[0], tf.shape(states)[1]
        heads, size = self.shape.heads, self.shape.width // self.shape.heads
        query, key, value = (
            tf.transpose(tf.reshape(self._linear(states, f"{name}.{part}"), (count, pieces, heads, size)), (0, 2, 1, 3))
            for part in "qkv"
        )
        weights = tf.nn.softmax(tf.matmul(query, key, transpose_b=True) * size**-0.5 + unseen)
        mixed = tf.reshape(tf.transpose(tf.matmul(weights, value), (0, 2, 1, 3)), (count, pieces, self.shape.width))
        return self._linear(mixed, f"{name}.ao")

    def _linear(self, states: tf.Tensor, name: str) -> tf.Tensor:
        shape = tf.shape(states)
        flat = tf.reshape(states, (-1, self.frozen[f"{name}.w"].shape[0]))
        result = flat @ self.frozen[f"{name}.w"] + (flat @ self.down[name]) @ self.up[name] + self.frozen[f"{name}.b"]
        return tf.reshape(result, (shape[0], shape[1], self.frozen[f"{name}.w"].shape[1]))

    def _normal(self, states: tf.Tensor, name: str) -> tf.Tensor:
        mean, variance = tf.nn.moments(states, axes=[-1], keepdims=True)
        even = (states - mean) * tf.math.rsqrt(variance + self.shape.epsilon)
        return even * self.frozen[f"{name}.w"] + self.frozen[f"{name}.b"]


class Learner(tf.Module):
    """The encoder and the answers on top of it."""

    def __init__(self, base: Pretrained, intents: list[str], seed: int = 1) -> None:
        super().__init__()
        self.encoder = Encoder(base, seed)
        self.intents = intents
        sizes = {"intent": len(intents), "concerns": len(CONCERNS), "fine": len(CONCERNS), "danger": len(DANGERS), "opt_out": 1}
        start = np.random.default_rng(seed + 1)
        width = 2 * base.shape.width
        self.weights = {
            name: tf.Variable(start.normal(0, 0.02, (width, size)).astype(np.float32)) for name, size in sizes.items()
        }
        # The frozen network's vectors all point much the same way; what tells texts apart is what is left around their mean.
        self.mean, self.spread = tf.zeros(width), tf.ones(width)
        self.offsets = {name: tf.Variable(tf.zeros(size)) for name, size in sizes.items()}

    def answers(self, embedded: tf.Tensor, real: tf.Tensor, told: tf.Tensor, dropped: float) -> dict[str, tf.Tensor]:
        """The raw answers ("logits") of each kind."""
        summary = (self.summary(embedded, real, told) - self.mean) / self.spread
        if dropped:
            summary = tf.nn.dropout(summary, dropped)
        return {name: summary @ self.weights[name] + self.offsets[name] for name in self.weights}

    def summary(self, embedded: tf.Tensor, real: tf.Tensor, told: tf.Tensor) -> tf.Tensor:
        """One vector for a message: the state of its first sign, and the mean over its own pieces."""
        states = self.encoder(embedded, real)
        told_mean = tf.reduce_sum(states * told[:, :, None], axis=1) / tf.maximum(tf.reduce_sum(told, axis=1), 1.0)[:, None]
        return tf.concat([states[:, 0], told_mean], axis=1)

    def centre_on(self, batches: list[Batch]) -> None:
        """Takes mean and spread of the summaries from a sample."""
        summaries = np.concatenate([self.summary(b.embedded, b.real, b.told) for b in batches])
        self.mean, self.spread = tf.constant(summaries.mean(0)), tf.constant(summaries.std(0) + 1e-4)

    @property
    def parts(self) -> dict[str, tf.Variable]:
        """Everything that is learned, by the name it is kept under."""
        named = {f"{name}.down": value for name, value in self.encoder.down.items()}
        named |= {f"{name}.up": value for name, value in self.encoder.up.items()}
        named |= {f"answer.{name}.w": value for name, value in self.weights.items()}
        return named | {f"answer.{name}.b": value for name, value in self.offsets.items()}


def loss_of(answers: dict[str, tf.Tensor], labels: dict[str, tf.Tensor], scope: int) -> tf.Tensor:
    """How wrong the answers are, over what is known."""
    count = answers["intent"].shape[1]
    wanted = tf.one_hot(labels["intent"], count) * (1 - SMOOTHED) + SMOOTHED / count
    intent = tf.nn.softmax_cross_entropy_with_logits(wanted, answers["intent"])
    outside = tf.nn.softmax(answers["intent"])[:, scope]
    inside = -tf.math.log(1.0 - outside + 1e-6)
    parts = [
        tf.reduce_sum(intent * labels["knows_intent"]) + tf.reduce_sum(inside * labels["knows_inside"]),
        _many(answers["concerns"], labels["concerns"], labels["knows_concerns"], 3.0),
        0.7 * _many(answers["fine"], labels["fine"], labels["knows_concerns"], 3.0),
        1.5 * tf.reduce_sum(
            tf.nn.sparse_softmax_cross_entropy_with_logits(labels["danger"], answers["danger"]) * labels["knows_danger"]
        ),
        _many(answers["opt_out"], labels["opt_out"], labels["knows_opt_out"], 3.0),
    ]
    return tf.add_n(parts) / tf.cast(tf.shape(answers["intent"])[0], tf.float32)


def _many(answers: tf.Tensor, wanted: tf.Tensor, known: tf.Tensor, weight: float) -> tf.Tensor:
    losses = tf.nn.weighted_cross_entropy_with_logits(wanted, answers, weight)
    return tf.reduce_sum(tf.reduce_sum(losses, axis=1) * known)


class Batches:
    """Batches of texts of like length."""

    def __init__(self, examples: list[Example], embedding: Embedding, intents: list[str]) -> None:
        self._examples, self._embedding, self._intents = examples, embedding, intents
        self._chance = random.Random(5)

    def __iter__(self) -> Iterator[Batch]:
        texts = [as_typed_in_haste(example.text, self._chance) if self._chance.random() < 0.5 else example.text
                 for example in self._examples]
        # Now and then a milestone is asked about that nobody knows: then the answer must be read by itself.
        asked = [replace(example, id=None) if self._chance.random() < UNKNOWN else example for example in self._examples]
        yield from self.of(asked, texts, shuffled=True)

    def of(self, examples: list[Example], texts: list[str], shuffled: bool) -> list[Batch] | Iterator[Batch]:
        """The examples, typed as `texts`, cut into batches."""
        cut = [self._embedding.ids(text, example.kind, example.id) for text, example in zip(texts, examples, strict=True)]
        order = list(range(len(cut)))
        if shuffled:
            self._chance.shuffle(order)
            order.sort(key=lambda number: len(cut[number][0]) // 6)
        groups, group, longest = [], [], 0
        for number in order:
            longest_now = max(longest, len(cut[number][0]))
            if group and longest_now * (len(group) + 1) > PIECES_A_BATCH:
                groups.append(group)
                group, longest_now = [], len(cut[number][0])
            group.append(number)
            longest = longest_now
        groups.append(group)
        if shuffled:
            self._chance.shuffle(groups)
        for group in groups:
            yield self._batch([examples[n] for n in group], [cut[n] for n in group])

    def _batch(self, examples: list[Example], cut: list[tuple[list[int], int]]) -> Batch:
        longest = max(len(ids) for ids, _ in cut)
        width = self._embedding.width
        embedded = np.zeros((len(cut), longest, width), dtype=np.float32)
        real, told = np.zeros((len(cut), longest), np.float32), np.zeros((len(cut), longest), np.float32)
        for row, (ids, start) in enumerate(cut):
            embedded[row, : len(ids)] = self._embedding.of(ids)
            real[row, : len(ids)] = 1
            told[row, start : len(ids)] = 1
        return Batch(embedded, real, told, self._labels(examples))

    def _labels(self, examples: list[Example]) -> dict[str, np.ndarray]:
        number = {name: place for place, name in enumerate(self._intents)}
        danger = {name: place for place, name in enumerate(DANGERS)}
        return {
            "intent": np.array([number.get(e.intent or "", 0) for e in examples], np.int32),
            "knows_intent": np.array([e.intent in number for e in examples], np.float32),
            "knows_inside": np.array([e.intent == NOT_SCOPE for e in examples], np.float32),
            "concerns": _marks([e.concerns for e in examples]),
            "fine": _marks([e.fine for e in examples]),
            "knows_concerns": np.array([e.concerns is not None for e in examples], np.float32),
            "danger": np.array([danger[e.danger or DANGERS[0]] for e in examples], np.int32),
            "knows_danger": np.array([e.danger is not None for e in examples], np.float32),
            "opt_out": np.array([[bool(e.opt_out)] for e in examples], np.float32),
            "knows_opt_out": np.array([e.opt_out is not None for e in examples], np.float32),
        }


def _marks(sets: list[frozenset[str] | None]) -> np.ndarray:
    return np.array([[domain in (held or ()) for domain in CONCERNS] for held in sets], np.float32)


def learn(examples: list[Example], epochs: int = EPOCHS, going_on: Path | None = None) -> tuple[Learner, Batches]:
    """Learns from `examples`, from the beginning or `going_on` from what was learned; prints loss and time of each epoch."""
    tf.random.set_seed(3)
    base = pretrained()
    intents = sorted({e.intent for e in examples if e.intent} - {NOT_SCOPE})
    learner = Learner(base, intents)
    batches = Batches(examples, Embedding(base, Wordings.from_content()), intents)
    steps = epochs * sum(1 for _ in batches)
    sample = random.Random(2).sample(examples, min(SAMPLED, len(examples)))
    learner.centre_on(list(batches.of(sample, [example.text for example in sample], shuffled=False)))
    if going_on is not None:
        take_up(learner, going_on)
    thin = [value for name, value in learner.parts.items() if not name.startswith("answer.")]
    top = [value for name, value in learner.parts.items() if name.startswith("answer.")]
    thin_steps, top_steps = tf.keras.optimizers.Adam(clipnorm=1.0), tf.keras.optimizers.Adam(clipnorm=1.0)
    scope = intents.index("out_of_scope")

    @tf.function(reduce_retracing=True)
    def step(embedded, real, told, labels):  # type: ignore[no-untyped-def]
        with tf.GradientTape() as tape:
            loss = loss_of(learner.answers(embedded, real, told, DROPPED), labels, scope)
        changes = tape.gradient(loss, thin + top)
        thin_steps.apply_gradients(zip(changes[: len(thin)], thin))  # noqa: B905  TensorFlow rewrites zip and knows no "strict"
        top_steps.apply_gradients(zip(changes[len(thin) :], top))  # noqa: B905
        return loss

    done = 0
    for epoch in range(epochs):
        begun, losses = time.monotonic(), []
        for batch in made_ahead(batches):
            rate = _rate(done / steps) * (AGAIN if going_on else 1.0)
            thin_steps.learning_rate.assign(ADAPTER_RATE * rate)
            top_steps.learning_rate.assign(ANSWER_RATE * rate)
            tensors = {name: tf.constant(value) for name, value in batch.labels.items()}
            losses.append(float(step(tf.constant(batch.embedded), tf.constant(batch.real), tf.constant(batch.told), tensors)))
            done += 1
            if done % 50 == 0:
                print(f'   step {done} of {steps}: {np.mean(losses[-50:]):.3f}', flush=True)
        print(f"epoch {epoch + 1}: loss {np.mean(losses):.3f}, {time.monotonic() - begun:.0f} s", flush=True)
    return learner, batches


def made_ahead(batches: Iterable[Batch], ahead: int = 8) -> Iterator[Batch]:
    """The batches, made by a second thread while the first computes."""
    waiting: queue.Queue[Batch | None] = queue.Queue(maxsize=ahead)

    def make() -> None:
        for batch in batches:
            waiting.put(batch)
        waiting.put(None)

    threading.Thread(target=make, daemon=True).start()
    yield from iter(waiting.get, None)


def _rate(share: float) -> float:
    if share < WARM_UP:
        return share / WARM_UP
    return 0.5 * (1 + math.cos(math.pi * min(1.0, (share - WARM_UP) / (1 - WARM_UP))))


def keep(learner: Learner, made_of: str, path: Path = LEARNED) -> None:
    """Writes what was learned, in half precision, with the names of the intents and the mark of what it was learned from."""
    parts = {name: value.numpy() for name, value in learner.parts.items()}
    mean, spread = learner.mean.numpy(), learner.spread.numpy()
    for name in learner.weights:  # the centring becomes part of the answers
        parts[f"answer.{name}.b"] = parts[f"answer.{name}.b"] - (mean / spread) @ parts[f"answer.{name}.w"]
        parts[f"answer.{name}.w"] = parts[f"answer.{name}.w"] / spread[:, None]
    parts = {name: (value.T if name.endswith((".down", ".up")) else value).astype(np.float16) for name, value in parts.items()}
    np.savez_compressed(path, intents=np.array(learner.intents), made_of=np.array(made_of), **parts)


def take_up(learner: Learner, path: Path) -> None:
    """Puts what `keep` wrote back into a learner. The intents must be the same."""
    kept = np.load(path, allow_pickle=False)
    if [str(name) for name in kept["intents"]] != learner.intents:
        raise ValueError("the intents have changed: learn from the beginning")
    mean, spread = learner.mean.numpy(), learner.spread.numpy()
    for name, value in learner.parts.items():
        part = kept[name].astype(np.float32)
        if name.endswith((".down", ".up")):
            part = part.T
        elif name.endswith(".w"):
            part = part * spread[:, None]
        else:
            part = part + mean @ kept[name[:-2] + ".w"].astype(np.float32)
        value.assign(part)


def mark() -> str:
    """A mark of everything that is learned from: when it changes, it is time to learn again."""
    digest = hashlib.sha256()
    for folder, pattern in MADE_OF:
        for path in sorted((ROOT / folder).glob(pattern)):
            digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def is_held_out(group: str) -> bool:
    """Whether a writer is kept from learning when it is to be measured (one in five, the same ones always)."""
    return zlib.crc32(group.encode()) % HELD_OUT == 0


def main() -> None:
    """Learns, and measures or writes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hold-out", action="store_true", help="learn without a fifth of the writers and measure on them")
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    parser.add_argument("--going-on", type=Path, default=None, help="what was learned before, to go on from")
    parser.add_argument("--share", type=float, default=1.0, help="of the texts that are not in data/nlu (going on)")
    parser.add_argument("--to", type=Path, default=None, help="where to write what was learned")
    asked = parser.parse_args()
    made_of, examples = mark(), gather()
    held = [e for e in examples if is_held_out(e.group)] if asked.hold_out else []
    known = [e for e in examples if not (asked.hold_out and is_held_out(e.group))]
    known = [e for e in known if e.group.startswith("nlu") or zlib.crc32(e.text.encode()[::-1]) % 100 < 100 * asked.share]
    print(f"{len(known)} texts to learn from, {len(held)} held out", flush=True)
    learner, batches = learn(known, asked.epochs, asked.going_on)
    if held:
        from bot.meaning.measure import report

        report(learner, batches, held)
    if asked.to or not asked.hold_out:
        keep(learner, made_of, asked.to or LEARNED)


if __name__ == "__main__":
    main()
