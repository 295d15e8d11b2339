"""Slows guessing at the sign-in page down without ever locking a person out.

Five failures for one account, or twenty from one address, within 15 minutes make the next answers come later
and later, up to eight seconds each (OWASP ASVS 5.0, 6.1.1 asks that nobody can lock staff out). Only a few
answers may wait at a time, one per address, so that a flood of guesses cannot use up the server.

Codes after the password are limited harder: five wrong ones within 15 minutes, and none is looked at until the window has
passed. Only somebody who knows the password can bring that about.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

WINDOW_SECONDS = 15 * 60.0
ACCOUNT_LIMIT = 5
ADDRESS_LIMIT = 20
CODE_LIMIT = 5
LONGEST_DELAY_SECONDS = 8.0
WAITING_AT_MOST = 3
KEPT_AT_MOST = 20_000  # keys remembered; made-up account names must not fill the memory


class TooManyWaiting(Exception):
    """This attempt was not looked at: another from the same address, or too many in all, are waiting."""


class SignInThrottle:
    """Remembers failures of this process; ``clock`` and ``sleep`` can be replaced in a test."""

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._clock, self._sleep = clock, sleep
        self._failures: dict[str, deque[float]] = {}
        self._waiting: set[str] = set()
        self._lock = threading.Lock()

    def pause(self, account: str | None, address: str) -> None:
        """Waits as long as the failures so far ask for; raises TooManyWaiting instead of piling up."""
        delay = self.delay(account, address)
        if delay > 0:
            with self._place(address):
                self._sleep(delay)

    def delay(self, account: str | None, address: str) -> float:
        """How many seconds the next attempt has to wait; ``account`` is None while nobody knows whose it is."""
        with self._lock:
            over = self._count(_address(address)) - ADDRESS_LIMIT
            if account is not None:
                over = max(over, self._count(_account(account)) - ACCOUNT_LIMIT)
        return 0.0 if over < 0 else min(2.0 ** min(over, 10), LONGEST_DELAY_SECONDS)

    def failed(self, account: str | None, address: str) -> None:
        """One more failure for this account, when it is known, and from this address."""
        with self._lock:
            for key in (_address(address), *(() if account is None else (_account(account),))):
                self._failures.setdefault(key, deque(maxlen=ADDRESS_LIMIT * 2)).append(self._clock())
            self._make_room()

    def succeeded(self, account: str) -> None:
        """The right password was given: the account starts afresh, the address does not."""
        with self._lock:
            self._failures.pop(_account(account), None)

    def wrong_code(self, staff: int) -> None:
        """One more wrong code after this person's right password."""
        with self._lock:
            self._failures.setdefault(_code(staff), deque(maxlen=CODE_LIMIT)).append(self._clock())
            self._make_room()

    def codes_are_spent(self, staff: int) -> bool:
        """Whether no further code of this person is looked at for now."""
        with self._lock:
            return self._count(_code(staff)) >= CODE_LIMIT

    def right_code(self, staff: int) -> None:
        """The right code was given: the count starts afresh."""
        with self._lock:
            self._failures.pop(_code(staff), None)

    def _count(self, key: str) -> int:
        times = self._failures.get(key)
        if times is None:
            return 0
        while times and times[0] <= self._clock() - WINDOW_SECONDS:
            times.popleft()
        if not times:
            del self._failures[key]
        return len(times)

    def _make_room(self) -> None:
        if len(self._failures) > KEPT_AT_MOST:
            for key in list(self._failures):
                self._count(key)
        while len(self._failures) > KEPT_AT_MOST:
            del self._failures[next(iter(self._failures))]

    @contextmanager
    def _place(self, address: str) -> Iterator[None]:
        with self._lock:
            if address in self._waiting or len(self._waiting) >= WAITING_AT_MOST:
                raise TooManyWaiting
            self._waiting.add(address)
        try:
            yield
        finally:
            with self._lock:
                self._waiting.discard(address)


def _account(account: str) -> str:
    return f"account {account}"


def _code(staff: int) -> str:
    return f"code {staff}"


def _address(address: str) -> str:
    return f"address {address}"
