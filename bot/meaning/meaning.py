"""What the network says of one message, and the running network itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import onnxruntime

from bot.meaning.embedding import Embedding
from bot.meaning.labels import CONCERNS, DANGERS

GRAPH = "encoder.onnx"
ANSWERS = "answers.npz"
WORDINGS = "wordings.json"
ANSWER_PREFIX = "answer."


@dataclass(frozen=True)
class Meaning:
    """Probabilities, 0 to 1. `intents` sums to one, as does `dangers` (with "none"); the others stand for themselves.

    `concerns`: that the message tells of a worry of this domain; `fine`: that it says this domain is fine.
    """

    intents: Mapping[str, float] = field(default_factory=dict)
    concerns: Mapping[str, float] = field(default_factory=dict)
    fine: Mapping[str, float] = field(default_factory=dict)
    dangers: Mapping[str, float] = field(default_factory=dict)
    opt_out: float = 0.0

    @property
    def intent(self) -> tuple[str, float]:
        """The likeliest intent and how likely it is; nothing read is out of scope."""
        return max(self.intents.items(), key=lambda pair: pair[1], default=("out_of_scope", 0.0))


class RunningNetwork:
    """The network as `rasa train` kept it in a folder: the graph and the answers on top."""

    def __init__(self, folder: Path, embedding: Embedding) -> None:
        self._session = self.session(folder / GRAPH)
        self._embedding = embedding
        with np.load(folder / ANSWERS, allow_pickle=False) as arrays:
            self._arrays = {name: arrays[name] for name in arrays.files}
        self._intents = [str(name) for name in self._arrays["intents"]]

    @staticmethod
    def session(path: Path) -> onnxruntime.InferenceSession:
        """A graph, ready to run."""
        options = onnxruntime.SessionOptions()
        # Messages are short: a second thread wins nothing, and several engines share a machine.
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])

    def meaning(self, text: str, kind: str, id_: str | None) -> Meaning:
        """What `text` means as an answer to the question of `kind` (for a milestone, of `id_`)."""
        ids, start = self._embedding.ids(text, kind, id_)
        states = self._session.run(None, {"embedded": self._embedding.of(ids)})[0]
        summary = np.concatenate([states[0], states[start:].mean(axis=0)])
        return Meaning(
            intents=_named(self._intents, _shares(self._answer("intent", summary))),
            concerns=_named(CONCERNS, _chances(self._answer("concerns", summary))),
            fine=_named(CONCERNS, _chances(self._answer("fine", summary))),
            dangers=_named(DANGERS, _shares(self._answer("danger", summary))),
            opt_out=float(_chances(self._answer("opt_out", summary))[0]),
        )

    def _answer(self, name: str, summary: np.ndarray) -> np.ndarray:
        raw: np.ndarray = summary @ self._arrays[f"{ANSWER_PREFIX}{name}.w"] + self._arrays[f"{ANSWER_PREFIX}{name}.b"]
        return raw


def _shares(raw: np.ndarray) -> np.ndarray:
    powers = np.exp(raw - raw.max())
    shares: np.ndarray = powers / powers.sum()
    return shares


def _chances(raw: np.ndarray) -> np.ndarray:
    chances: np.ndarray = 1.0 / (1.0 + np.exp(-np.clip(raw, -30, 30)))
    return chances


def _named(names: list[str] | tuple[str, ...], values: np.ndarray) -> dict[str, float]:
    return {name: float(value) for name, value in zip(names, values, strict=True)}
