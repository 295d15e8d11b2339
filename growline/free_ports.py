"""Finds loopback ports for programs that run for a while and may be started again: for tests, benches and a second engine.

The ports are taken from below the range that the kernel gives to outgoing connections. A port of that range that is free now
may be the near end of somebody's connection a second later, and then the program that was to listen there cannot start.
"""

from __future__ import annotations

import random
import socket
from contextlib import suppress

MOST_OF_A_KIND = 9  # further workers and engines take the ports after the first one's
_FIRST, _LAST = 12_000, 32_000  # outgoing connections begin at 32768 on Linux, at 49152 elsewhere


def free_ports(count: int) -> list[int]:
    """``count`` loopback ports, each followed by others of its kind, on which nothing listens now."""
    found: list[int] = []
    starts = list(range(_FIRST, _LAST, MOST_OF_A_KIND))
    while len(found) < count:
        start = starts.pop(random.randrange(len(starts)))  # by lot: two runs side by side must not take the same
        if all(_is_free(port) for port in range(start, start + MOST_OF_A_KIND)):
            found.append(start)
    return found


def _is_free(port: int) -> bool:
    with suppress(OSError), socket.socket() as probe:
        probe.bind(("127.0.0.1", port))
        return True
    return False
