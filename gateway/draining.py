"""Empties the spool into the database, oldest first, as soon as it answers again."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

from gateway.edge import Edge
from gateway.incoming import from_bytes, keep
from gateway.protection import place_of
from gateway.storing import within
from intake.store.connection import UNAVAILABLE
from intake.store.encryption import DecryptionError

EVERY_SECONDS = 1.0
_FILE_SECONDS = 5.0
_log = logging.getLogger("growline.gateway")


async def drain_for_ever(edge: Edge) -> None:
    """Looks every second, until cancelled; no failure ends it."""
    edge.spool.look_again()
    while True:
        try:
            await drain(edge)
        except Exception as error:
            where = place_of(error)
            _log.error("draining failed, %s at %s", type(error).__name__, where)
        await asyncio.sleep(EVERY_SECONDS)


async def drain(edge: Edge) -> None:
    """One round: everything that waits and what comes while it runs; it ends early while the database is away."""
    with edge.spool.draining() as mine:
        if not mine:
            return
        edge.spool.sweep()
        tried: set[Path] = set()
        while fresh := [path for path in edge.spool.waiting() if path not in tried]:
            for path in fresh:
                tried.add(path)
                try:
                    await within(_FILE_SECONDS, lambda path=path: _store(edge, path))  # type: ignore[misc]
                except (TimeoutError, *UNAVAILABLE):
                    return
                except Exception as error:
                    _get_past(edge, path, error)


def _store(edge: Edge, path: Path) -> None:
    try:
        incoming = from_bytes(edge.spool.open(path))
    except FileNotFoundError:
        return
    except (DecryptionError, ValueError) as error:
        edge.spool.set_aside(path)
        _log.error("a spooled file does not open and was set aside: %s", type(error).__name__)
        return
    outcome = keep(edge.store, incoming)
    edge.spool.remove(path)
    edge.metrics.drained.labels(outcome).inc()


def _get_past(edge: Edge, path: Path, error: Exception) -> None:
    """A file that fails by a fault of ours stays and is tried each round, and nothing waits behind it."""
    if path.name not in edge.spool.stuck:
        edge.metrics.failures.inc()
        where = place_of(error)
        _log.error("a spooled file is not stored, %s at %s", type(error).__name__, where)
    edge.spool.stuck.add(path.name)
