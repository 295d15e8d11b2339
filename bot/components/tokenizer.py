"""The tokenizer: spaCy's rules for no language in particular, since one message may hold two.

Each token keeps its place in the message as typed and carries its folded form as lemma, which is what Rasa's
featurizers count: "Sí", "si" and "SIII" are one feature.
"""

from __future__ import annotations

from typing import Any

import spacy
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.training_data.message import Message

from bot.components.wording import fold

# A text message of ten segments has 1,530 characters; what stands after 4,000 changes no intent, and the time
# to read a message stays bounded. The readers still see the whole text.
READ_CHARACTERS = 4000


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class MixedLanguageTokenizer(Tokenizer):
    """Splits a message, English, Spanish or both, into tokens with folded lemmas."""

    def __init__(self, config: dict[str, Any]) -> None:
        super().__init__(config)
        self._split = spacy.blank("xx").tokenizer

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Rasa's required options; intents are never split."""
        return {"intent_tokenization_flag": False, "intent_split_symbol": "_", "token_pattern": None}

    @staticmethod
    def required_packages() -> list[str]:
        """Packages Rasa checks before it loads this component."""
        return ["spacy"]

    def tokenize(self, message: Message, attribute: str) -> list[Token]:
        """Tokens of one attribute of a message, without blanks; at least one token for any text."""
        text: str = message.get(attribute)[:READ_CHARACTERS]
        tokens = [
            Token(token.text, token.idx, token.idx + len(token.text), lemma=fold(token.text) or token.text)
            for token in self._split(text)
            if not token.is_space
        ]
        # Featurizers and classifiers take no empty message; an empty text becomes one token that no example
        # holds.
        return self._apply_token_pattern(tokens) or [Token("\u2205", 0, 1)]
