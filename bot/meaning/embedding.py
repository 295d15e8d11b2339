"""From a message and the open question to what goes into the network's first layer."""

from __future__ import annotations

import numpy as np

from bot.meaning.examples import Wordings
from bot.meaning.pieces import Pieces
from bot.meaning.pretrained import Pretrained

# Most messages have fewer than 60 pieces; what stands behind these changes no answer and would cost time.
QUESTION_PIECES = 40
MESSAGE_PIECES = 160
PREFIX = "query: "


class Embedding:
    """Pieces of question and message, and their vectors. The pair is written as the network was taught to see pairs."""

    def __init__(self, base: Pretrained, wordings: Wordings) -> None:
        self._base, self._wordings = base, wordings
        self._pieces = Pieces(base.table)
        self._kept: dict[str, list[int]] = {}

    @property
    def width(self) -> int:
        """How many numbers a piece has."""
        return self._base.shape.width

    def ids(self, text: str, kind: str, id_: str | None) -> tuple[list[int], int]:
        """Numbers of the pieces of question and message, and where the message begins."""
        pieces = self._pieces
        asked = self._asked(self._wordings.of(kind, id_))
        opening = [pieces.begin, *asked, pieces.end, pieces.end]
        return [*opening, *pieces.ids(text, MESSAGE_PIECES), pieces.end], len(opening)

    def _asked(self, wording: str) -> list[int]:
        if wording not in self._kept:
            self._kept[wording] = self._pieces.ids(PREFIX + wording, QUESTION_PIECES)
        return self._kept[wording]

    def of(self, ids: list[int]) -> np.ndarray:
        """Piece, place and kind added up and normalised, float32 [pieces, width]."""
        arrays, width = self._base.arrays, self.width
        places = arrays["emb.pos"].reshape(-1, width)[: len(ids)]
        sums = self._base.word_vectors(np.asarray(ids)) + places + arrays["emb.type"][:width]
        centred = sums - sums.mean(axis=1, keepdims=True)
        spread = np.sqrt((centred * centred).mean(axis=1, keepdims=True) + np.float32(self._base.shape.epsilon))
        normal: np.ndarray = centred / spread * arrays["emb.ln.w"] + arrays["emb.ln.b"]
        return normal.astype(np.float32)
