"""Finds encrypted names without opening all of them: each word of a name leaves a short keyed mark beside it.

A mark has 16 bits of an HMAC-SHA-256 under a key of its own. So many different words share one mark that the marks in a stolen
database tell no rare name; whoever searches opens the few rows with the right marks and looks at the names themselves.
"""

from __future__ import annotations

import hmac
from typing import Any

from sqlalchemy import Connection, event, inspect
from sqlalchemy.orm import Mapper

from intake.rules.name_words import name_words
from intake.store.encryption import KeyRing, keys_of

_MARK_BYTES = 2
_PURPOSE = "marks of names"


def name_marks(keys: KeyRing, name: str) -> list[int]:
    """The marks of the words of ``name``, sorted."""
    key = keys.derived_key(_PURPOSE)
    words = name_words(name)
    return sorted({int.from_bytes(hmac.digest(key, word.encode(), "sha256")[:_MARK_BYTES]) for word in words})


def keep_name_marks(model: type, name: str, marks: str) -> None:
    """Lets every row of ``model`` that is written carry the marks of its column ``name`` in its column ``marks``."""

    def mark(mapper: Mapper[Any], connection: Connection, row: Any) -> None:
        if inspect(row).attrs[name].history.has_changes():
            value = getattr(row, name)
            setattr(row, marks, None if value is None else name_marks(keys_of(connection.dialect), value))

    event.listen(model, "before_insert", mark)
    event.listen(model, "before_update", mark)
