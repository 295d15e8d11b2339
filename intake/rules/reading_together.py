"""Texts that waited at the same time are one thought in pieces: they are read as one message and answered once."""

from __future__ import annotations

from collections.abc import Sequence

from intake.rules.words import words_of

_ENDS_A_THOUGHT = (".", "!", "?", "…", ";", ":", ",")


def distinct(texts: Sequence[str]) -> list[str]:
    """``texts`` in order, those left out that only repeat the words of an earlier one ("yes" "YES")."""
    seen: set[tuple[str, ...] | str] = set()
    kept: list[str] = []
    for text in texts:
        key = words_of(text) or text.strip()
        if key not in seen:
            seen.add(key)
            kept.append(text)
    return kept


def as_one(texts: Sequence[str], *, a_name: bool = False) -> str:
    """``texts`` as one message: a sentence each, or, where ``a_name`` is asked for, plainly one after the other."""
    parts = [text.strip() for text in distinct(texts) if text.strip()]
    return " ".join(parts if a_name else [*map(_ended, parts[:-1]), *parts[-1:]])


def _ended(text: str) -> str:
    return text if text.endswith(_ENDS_A_THOUGHT) else f"{text}."
