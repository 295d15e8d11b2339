"""Column types that keep a family's words, names, birth dates and phones unreadable in the database.

A value is sealed with AES-256-GCM under the first key of the ring and names that key, so that keys can be rotated while old
rows stay readable. The table and column are bound in as associated data: a sealed birth date pasted into a notes column
does not open. A phone is found by a keyed hash (``phone_index``), never by decrypting rows.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import LargeBinary
from sqlalchemy.engine import Dialect, Engine
from sqlalchemy.types import TypeDecorator

_VERSION = b"\x01"
_KEY_ID_BYTES = 4
_NONCE_BYTES = 12   # 96 bits, the size NIST SP 800-38D recommends for GCM.
_KEY_BYTES = 32
_DIALECT_ATTRIBUTE = "growline_keys"


class DecryptionError(Exception):
    """A stored value does not open: wrong key, altered bytes, or a value moved from another column."""


class KeyRingError(ValueError):
    """The data keys in the settings cannot be used; the message says how to make good ones."""


def new_key() -> str:
    """A fresh 256-bit data key in the form the settings take (URL-safe base64)."""
    return base64.urlsafe_b64encode(os.urandom(_KEY_BYTES)).decode()


def _decode_key(text: str) -> bytes:
    try:
        key = base64.urlsafe_b64decode(text.strip())
    except ValueError as error:
        raise KeyRingError("a data key is not base64; make one with: growline key") from error
    if len(key) != _KEY_BYTES:
        raise KeyRingError(f"a data key holds {len(key)} bytes instead of 32; make one with: growline key")
    return key


@dataclass(frozen=True)
class _Key:
    id: bytes
    cipher: AESGCM


class KeyRing:
    """The data keys: the first seals, all open. ``keys`` are base64 texts of 32 bytes each."""

    def __init__(self, keys: Sequence[str], index_key: str) -> None:
        if not keys:
            raise KeyRingError("there is no data key; make one with: growline key")
        self._keys = [self._named(_decode_key(key)) for key in keys]
        self._by_id = {key.id: key.cipher for key in self._keys}
        self._index_key = _decode_key(index_key)

    @staticmethod
    def _named(key: bytes) -> _Key:
        return _Key(hashlib.sha256(b"growline key id" + key).digest()[:_KEY_ID_BYTES], AESGCM(key))

    def seal(self, plain: bytes, place: str) -> bytes:
        """``plain`` encrypted for the column ``place`` ("table.column")."""
        key, nonce = self._keys[0], os.urandom(_NONCE_BYTES)
        return _VERSION + key.id + nonce + key.cipher.encrypt(nonce, plain, place.encode())

    def open(self, sealed: bytes, place: str) -> bytes:
        """The plain bytes of ``sealed``; raises DecryptionError when it was not sealed for ``place`` by a key of this ring."""
        head = len(_VERSION) + _KEY_ID_BYTES
        cipher = self._by_id.get(sealed[len(_VERSION):head])
        if sealed[:1] != _VERSION or cipher is None:
            raise DecryptionError(f"{place}: sealed with a key that is not in GROWLINE_DATA_KEYS")
        nonce, body = sealed[head:head + _NONCE_BYTES], sealed[head + _NONCE_BYTES:]
        try:
            return cipher.decrypt(nonce, body, place.encode())
        except InvalidTag as error:
            raise DecryptionError(f"{place}: the stored value was altered or belongs to another column") from error

    def phone_index(self, phone: str) -> bytes:
        """The keyed hash (HMAC-SHA-256) by which the phone ``phone`` (E.164) is found."""
        return hmac.digest(self._index_key, phone.encode(), "sha256")

    def derived_key(self, purpose: str) -> bytes:
        """A key for another purpose (the audit chain, session tokens), derived from the index key."""
        return hmac.digest(self._index_key, b"growline " + purpose.encode(), "sha256")


def attach_keys(engine: Engine, keys: KeyRing) -> None:
    """Lets every encrypted column used through ``engine`` seal and open with ``keys``."""
    setattr(engine.dialect, _DIALECT_ATTRIBUTE, keys)


def keys_of(dialect: Dialect) -> KeyRing:
    """The key ring attached to the engine of ``dialect``; raises KeyRingError when there is none."""
    keys = getattr(dialect, _DIALECT_ATTRIBUTE, None)
    if keys is None:
        raise KeyRingError("this database connection has no data keys; open it with intake.store.connection.open_store")
    return keys  # type: ignore[no-any-return]


class Encrypted(TypeDecorator[str]):
    """A text column, sealed. ``place`` is "table.column" and must never change once rows exist."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, place: str) -> None:
        super().__init__()
        self.place = place

    def to_text(self, value: Any) -> str:
        return str(value)

    def from_text(self, text: str) -> Any:
        return text

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes | None:
        return None if value is None else keys_of(dialect).seal(self.to_text(value).encode(), self.place)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> Any:
        return None if value is None else self.from_text(keys_of(dialect).open(bytes(value), self.place).decode())


class EncryptedDate(Encrypted):
    """A calendar date, sealed as its ISO text."""

    cache_ok = True

    def to_text(self, value: date) -> str:
        return value.isoformat()

    def from_text(self, text: str) -> date:
        return date.fromisoformat(text)


class EncryptedJson(Encrypted):
    """A small JSON value, sealed."""

    cache_ok = True

    def to_text(self, value: Any) -> str:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    def from_text(self, text: str) -> Any:
        return json.loads(text)
