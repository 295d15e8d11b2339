"""Cleaning of what people send, before anything reads or keeps it.

A phone, a keyboard or an attacker may put characters into a message that break a database, a page or the engine; what a
person wrote on purpose, in any script, stays.
"""

from __future__ import annotations

import re
import unicodedata

ENGINE_LIMIT = 1600
MOST_MARKS_PER_BASE = 8

_LINE_BREAKS = str.maketrans(dict.fromkeys("\r\v\f\x85\u2028\u2029", "\n") | {"\t": " "})
# Control, format (zero-width, direction overrides, tags) and lone surrogates say nothing to a reader.
_UNSEEN = frozenset({"Cc", "Cf", "Cs"})
# A name with an underscore, or an opening brace, right after slashes.
_COMMAND = re.compile(r"/[/ ]*(?:[^\W_]*_\w*|\w*\s*\{)")
_EMOJI_PARTS = frozenset({"\u200d", "\ufe0e", "\ufe0f"})


def clean(text: str) -> str:
    """``text`` without unseen characters, in NFC, with at most 8 combining marks a base, trimmed; newlines stay."""
    lines = text.replace("\r\n", "\n").translate(_LINE_BREAKS)
    seen = "".join(char for char in lines if char == "\n" or unicodedata.category(char) not in _UNSEEN)
    composed = unicodedata.normalize("NFC", seen)
    return unicodedata.normalize("NFC", _limit_marks(composed)).strip()


def _limit_marks(text: str) -> str:
    kept: list[str] = []
    marks = 0
    for char in text:
        marks = marks + 1 if unicodedata.combining(char) else 0
        if marks <= MOST_MARKS_PER_BASE:
            kept.append(char)
    return "".join(kept)


def for_engine(text: str) -> str:
    """``text`` as the engine may read it: cleaned, one line, at most 1,600 characters, never an intent command.

    Rasa takes a message that begins with "/" as a command that names its own intent. The whole run of leading slashes
    (and blanks between them) is taken off, so what follows is read as the words they are. What no person writes after a
    slash, a name with underscores or a brace ("/session_start", "/inform{...}"), holds no words; neither do slashes alone.
    """
    line = " ".join(clean(text).split())
    if _COMMAND.match(line):
        return ""
    return line.lstrip("/ ")[:ENGINE_LIMIT].rstrip()


def is_emoji_only(text: str) -> bool:
    """Whether ``text`` holds at least one emoji and nothing else but blanks."""
    signs = [char for char in text if not char.isspace() and char not in _EMOJI_PARTS]
    return bool(signs) and all(_is_emoji(char) for char in signs)


def _is_emoji(char: str) -> bool:
    skin_tone = "\U0001f3fb" <= char <= "\U0001f3ff"
    return skin_tone or (unicodedata.category(char) == "So" and ord(char) >= 0x2190)
