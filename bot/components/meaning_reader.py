"""Rasa's view of the network in `bot/meaning`: joins what was learned to it when the model is trained, runs it on messages.

It opens the pipeline's understanding: its guess is the message's intent until the readers of what has a form decide, and
what else it sees (worries, danger, a wish to stop) is kept beside the message for them.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.components.reader import add_entities, open_question
from bot.meaning.embedding import Embedding
from bot.meaning.examples import Wordings
from bot.meaning.labels import NO_DANGER, OUT_OF_SCOPE
from bot.meaning.meaning import ANSWER_PREFIX, ANSWERS, GRAPH, WORDINGS, Meaning, RunningNetwork
from bot.meaning.pretrained import pretrained

LEARNED = Path(__file__).parents[1] / "meaning" / "learned.npz"
MEANING = "meaning"
# Measured on writers held out of training, together with the safety rules (docs/understanding.md).
DANGEROUS = 0.8
OUTSIDE = 0.35
# The network was taught sentences. Of signs and markup it knows nothing, and one or two words are no story of danger.
WORD = re.compile(r"(?<![^\W\d_])[^\W\d_]{2,30}(?![^\W\d_])")
MARKUP = re.compile(r"</?[a-z]+|\{\{")
UNREADABLE = 0.9
LEAST_WORDS = 3


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class MeaningReader(GraphComponent):
    """Runs the network once for each message."""

    def __init__(self, model_storage: ModelStorage, resource: Resource, network: RunningNetwork | None = None) -> None:
        self._model_storage, self._resource, self._network = model_storage, resource, network

    @classmethod
    def create(
        cls, config: dict[str, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext
    ) -> MeaningReader:
        """Rasa's way to build a component before training."""
        return cls(model_storage, resource)

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        """Tells Rasa's cache that what was learned, or the wording of a question, has changed."""
        return hashlib.sha256(LEARNED.read_bytes() + Wordings.from_content().as_json().encode()).hexdigest()

    def train(self, training_data: TrainingData) -> Resource:
        """Joins the thin layers to the frozen network. What they learned from is in `bot/meaning/examples.py`."""
        with self._model_storage.write_to(self._resource) as folder:
            self._network = join_learned(folder, Wordings.from_content())
        return self._resource

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> MeaningReader:
        """Reads what `train` wrote. Raises where the model holds none: never start half."""
        with model_storage.read_from(resource) as folder:
            wordings = Wordings.from_json((folder / WORDINGS).read_text(encoding="utf-8"))
            network = RunningNetwork(folder, Embedding(pretrained(), wordings))
        return cls(model_storage, resource, network)

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Nothing in the pipeline learns from this reader's guesses."""
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Sets each message's intent, and its meaning for the readers that follow."""
        assert self._network is not None
        for message in messages:
            text = message.get(TEXT)
            if isinstance(text, str) and text.strip():
                question = open_question(message)
                meaning = self._network.meaning(text, question.kind, question.id)
                words = len(WORD.findall(text))
                intent, sure = _intent(meaning) if words and not MARKUP.search(text) else (OUT_OF_SCOPE, UNREADABLE)
                message.set(MEANING, meaning)
                message.set(INTENT, {"name": intent, "confidence": sure}, add_to_output=True)
                if words >= LEAST_WORDS:
                    add_entities(message, _danger(meaning), type(self).__name__)
        return messages


def join_learned(folder: Path, wordings: Wordings) -> RunningNetwork:
    """Writes to `folder` the frozen network with what was learned joined to it, and returns it running."""
    from bot.meaning.graph import write_graph  # what writes graphs is needed for training only

    with np.load(LEARNED, allow_pickle=False) as learned:
        parts = {name: learned[name] for name in learned.files}
    adapters = {name: part.astype(np.float32) for name, part in parts.items() if name.endswith((".up", ".down"))}
    answers = {name: part.astype(np.float32) for name, part in parts.items() if name.startswith(ANSWER_PREFIX)}
    write_graph(pretrained(), adapters, folder / GRAPH)
    np.savez_compressed(folder / ANSWERS, intents=parts["intents"], **answers)
    (folder / WORDINGS).write_text(wordings.as_json(), encoding="utf-8")
    return RunningNetwork(folder, Embedding(pretrained(), wordings))


def _intent(meaning: Meaning) -> tuple[str, float]:
    """The likeliest intent; out of scope already where that is a good guess, since every other answer would be kept."""
    outside = meaning.intents.get(OUT_OF_SCOPE, 0.0)
    return (OUT_OF_SCOPE, max(outside, 1 - outside)) if outside >= OUTSIDE else meaning.intent


def _danger(meaning: Meaning) -> list[dict[str, Any]]:
    """The danger seen, as an entity; it may add to what the safety rules found before, and takes nothing away."""
    if 1 - meaning.dangers.get(NO_DANGER, 1.0) < DANGEROUS:
        return []
    named = {name: chance for name, chance in meaning.dangers.items() if name != NO_DANGER}
    return [{"entity": "danger", "value": max(named, key=lambda name: named[name])}]


def meaning_of(message: Message) -> Meaning:
    """What the network saw in the message; nothing, where it did not run."""
    return message.get(MEANING) or Meaning()
