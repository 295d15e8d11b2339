"""A second opinion on worries: spaCy's multi-label text classifier over single words and pairs of words.

It knows words where the network knows meanings; the two err on different messages, and together they do better than either
(docs/decisions/understanding.md). It learns from `bot/training` when the model is trained and takes half a minute.
"""

from __future__ import annotations

import hashlib
import random
from typing import Any

import spacy
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from spacy.language import Language
from spacy.training import Example
from spacy.util import fix_random_seed, minibatch

from bot.components.wording import fold
from bot.meaning.examples import TRAINING, gather
from bot.meaning.labels import CONCERNS

WORRIES = "worries_by_words"
ROUNDS = 8
A_BATCH = 32
DROPPED = 0.3
READ_CHARACTERS = 4000
BAG_OF_WORDS = {
    "@architectures": "spacy.TextCatBOW.v2",
    "exclusive_classes": False,
    "ngram_size": 2,
    "no_output_layer": False,
}


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class WorryClassifier(GraphComponent):
    """Keeps beside each message how likely each domain of worry is, by its words."""

    def __init__(self, model_storage: ModelStorage, resource: Resource, language: Language | None = None) -> None:
        self._model_storage, self._resource, self._language = model_storage, resource, language

    @classmethod
    def create(
        cls, config: dict[str, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext
    ) -> WorryClassifier:
        """Rasa's way to build a component before training."""
        return cls(model_storage, resource)

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        """Tells Rasa's cache that the texts have changed."""
        digest = hashlib.sha256()
        for path in sorted(TRAINING.glob("*.jsonl")):
            digest.update(path.read_bytes())
        return digest.hexdigest()

    def train(self, training_data: TrainingData) -> Resource:
        """Learns from every text whose worries are known."""
        self._language = taught(
            [(example.text, example.concerns) for example in gather() if example.concerns is not None]
        )
        with self._model_storage.write_to(self._resource) as folder:
            self._language.to_disk(folder)
        return self._resource

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> WorryClassifier:
        """Reads what `train` wrote."""
        with model_storage.read_from(resource) as folder:
            return cls(model_storage, resource, spacy.load(folder))

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Nothing in the pipeline learns from this reader's opinion."""
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Reads every message that has a text."""
        assert self._language is not None
        for message in messages:
            text = message.get(TEXT)
            if isinstance(text, str) and text.strip():
                message.set(WORRIES, dict(self._language(fold(text[:READ_CHARACTERS])).cats))
        return messages


def taught(texts: list[tuple[str, frozenset[str]]], rounds: int = ROUNDS) -> Language:
    """A classifier that has learned from texts with their domains; the same texts make the same classifier."""
    fix_random_seed(7)
    language = spacy.blank("xx")
    classifier = language.add_pipe("textcat_multilabel", config={"model": BAG_OF_WORDS})
    for domain in CONCERNS:
        classifier.add_label(domain)  # type: ignore[attr-defined]
    examples = [
        Example.from_dict(language.make_doc(fold(text)), {"cats": {name: float(name in told) for name in CONCERNS}})
        for text, told in texts
    ]
    optimizer = language.initialize(lambda: examples)
    for number in range(rounds):
        random.Random(number).shuffle(examples)
        for batch in minibatch(examples, A_BATCH):
            language.update(batch, sgd=optimizer, drop=DROPPED)
    return language
