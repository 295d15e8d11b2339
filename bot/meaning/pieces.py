"""Cuts a text into the pieces the network knows: the most probable way to write it with them (a Unigram model).

The pieces, their probabilities and the normalisation come with the network. A space is written as a sign of its own
(U+2581) in front of the word.
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.meaning.pretrained import PieceTable

SPACE = "\u2581"
# An unknown character costs more than any piece.
UNKNOWN_COST = 10.0
LONGEST_PIECE = 16


class Pieces:
    """The tokenizer. `ids` is a pure function of the text."""

    def __init__(self, table: PieceTable) -> None:
        self.begin, self.end, self._unknown = table.begin, table.end, table.unknown
        self._normalised = table.normalised
        self._known = {
            piece: (number, float(score))
            for number, (piece, score) in enumerate(zip(table.pieces, table.scores, strict=True))
            if len(piece) <= LONGEST_PIECE and number != table.unknown
        }
        self._unknown_score = float(table.scores.min()) - UNKNOWN_COST

    def ids(self, text: str, at_most: int) -> list[int]:
        """Numbers of the pieces of `text`, the first `at_most` of them."""
        return list(self._walk_back(self._written(text)))[::-1][:at_most]

    def _written(self, text: str) -> str:
        plain = text.translate(self._normalised)
        return SPACE + SPACE.join(plain.split())

    def _walk_back(self, written: str) -> Iterator[int]:
        size = len(written)
        best = [0.0] + [float("-inf")] * size
        came: list[tuple[int, int]] = [(0, self._unknown)] * (size + 1)
        known, unknown_score = self._known, self._unknown_score
        for start in range(size):
            so_far = best[start]
            if so_far + unknown_score > best[start + 1]:
                best[start + 1], came[start + 1] = so_far + unknown_score, (start, self._unknown)
            for stop in range(start + 1, min(start + LONGEST_PIECE, size) + 1):
                found = known.get(written[start:stop])
                if found is not None and so_far + found[1] > best[stop]:
                    best[stop], came[stop] = so_far + found[1], (start, found[0])
        place = size
        while place > 0:
            place, number = came[place]
            yield number
