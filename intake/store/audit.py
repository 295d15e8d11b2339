"""The audit trail: one line per deed or look at a record, each chained to the one before by a keyed hash.

An altered, removed or re-ordered row breaks the chain, and ``verify`` names the first that does not fit. Lines hold ids and
codes only, so the trail outlives a family's wish to be forgotten.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from intake.store.encryption import KeyRing, keys_of
from intake.store.models import Audit

_CHAIN_LOCK = 0x61756469  # one line at a time, until the transaction ends: the chain has an order
_START = b"\x00" * 32


def write_audit(session: Session, actor: str, action: str, object_type: str, object_id: object = None,
                detail: str | None = None) -> None:
    """Adds one line. ``actor`` is "agent", "staff:ID" or "operator"; ``detail`` must not hold personal data."""
    write_audits(session, actor, action, object_type, [object_id], detail)


def write_audits(session: Session, actor: str, action: str, object_type: str, object_ids: Iterable[object],
                 detail: str | None = None) -> None:
    """Adds one line for each object, in as many queries for one as for twenty."""
    session.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _CHAIN_LOCK})
    session.flush()
    last, keys, rows = session.scalar(select(Audit.hash).order_by(Audit.seq.desc()).limit(1)) or _START, _keys(session), []
    for object_id in object_ids:
        line = Audit(at=datetime.now(UTC), actor=actor, action=action, object_type=object_type,
                     object_id=None if object_id is None else str(object_id), detail=detail, previous_hash=last, hash=b"")
        line.hash = last = _hash(keys, line)
        rows.append(line)
    session.add_all(rows)
    session.flush()


def verify(session: Session) -> int | None:
    """Walks the chain; the ``seq`` of the first line that does not fit, or None when all do."""
    keys, before = _keys(session), _START
    for line in _lines(session):
        if bytes(line.previous_hash) != before or not hmac.compare_digest(bytes(line.hash), _hash(keys, line)):
            return line.seq
        before = bytes(line.hash)
    return None


def _lines(session: Session) -> Iterator[Audit]:
    yield from session.scalars(select(Audit).order_by(Audit.seq).execution_options(yield_per=500))


def _keys(session: Session) -> KeyRing:
    return keys_of(session.get_bind().dialect)


def _hash(keys: KeyRing, line: Audit) -> bytes:
    told = json.dumps([line.at.astimezone(UTC).isoformat(), line.actor, line.action, line.object_type, line.object_id,
                       line.detail], ensure_ascii=False)
    return hmac.digest(keys.derived_key("audit"), bytes(line.previous_hash) + told.encode(), "sha256")
