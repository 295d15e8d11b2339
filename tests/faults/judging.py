"""Lets a run come to rest and judges it: what every fault test ends with."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

import httpx
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from growline.system import System
from intake.store.connection import Store
from intake.store.models import Conversation, Message
from tests.faults.evidence import SMS, events_of, gather
from tests.faults.history import Verdict, check

LOOK_SECONDS = 0.25


def wait_until(true: Callable[[], bool], seconds: float) -> float:
    """Waits and returns how long it took; fails when it never comes."""
    start = time.monotonic()
    while not true():
        assert time.monotonic() - start < seconds, f"it did not happen within {seconds} s"
        time.sleep(0.1)
    return time.monotonic() - start


@dataclass
class Bench:
    """A running system under test with its database."""

    system: System
    store: Store

    @property
    def simulator(self) -> str:
        """The simulator's address."""
        return f"http://127.0.0.1:{self.system.ports.simulator}"

    def faults(self, **script: object) -> None:
        """Puts a fault script in force at the simulator; none clears it."""
        httpx.put(f"{self.simulator}/simulator/faults", json=script, timeout=30, trust_env=False).raise_for_status()

    def arm(self, place: str) -> None:
        """The next program that reaches this place dies there."""
        (self.system.var / "failpoints" / place).touch()

    def is_armed(self, place: str) -> bool:
        """Whether nobody has come to this place yet."""
        return (self.system.var / "failpoints" / place).exists()

    def wait_until_ready(self, seconds: float = 90) -> None:
        """Until every program says that it can work."""
        for program in self.system.programs.values():
            wait_until(program.is_ready, seconds)

    def settle(self, phones: Collection[str], seconds: float = 60) -> float:
        """Waits until all that these phones texted is stored and dealt with and all our texts have left, and returns how long
        it took. When that does not come in time, the checker says what is missing."""
        start = time.monotonic()
        while time.monotonic() - start < seconds and not self._is_settled(phones):
            time.sleep(LOOK_SECONDS)
        return time.monotonic() - start

    def judge(self, phones: Collection[str], seconds: float = 60, *, by_the_clock: bool = True) -> Verdict:
        """Lets these phones' conversations come to rest and checks their whole history; fails with what is wrong in it.

        Not ``by_the_clock``: the clocks jumped, so times kept in rows say nothing of the order.
        """
        self.settle(phones, seconds)
        history = gather(self.store, list(events_of(self.simulator)), phones)
        verdict = check(history if by_the_clock else replace(history, turns=[], opt_outs=[]))
        assert verdict.violations == [], "\n".join(verdict.violations[:20])
        return verdict

    def never_stored(self, phones: Collection[str]) -> set[str]:
        """The ids of texts of these phones under which nothing is stored."""
        sent = {event["sid"] for event in events_of(self.simulator)
                if event["event"] == "inbound_received" and event["phone"] in phones}
        with self.store.reading() as session:
            stored = session.scalars(select(Message.provider_id).where(Message.provider_id.in_([SMS + sid for sid in sent])))
            return sent - {str(provider_id).removeprefix(SMS) for provider_id in stored}

    def _is_settled(self, phones: Collection[str]) -> bool:
        try:
            return self._unfinished(phones) == 0 and not self.never_stored(phones) and self._unfinished(phones) == 0
        except (SQLAlchemyError, httpx.HTTPError):
            return False

    def _unfinished(self, phones: Collection[str]) -> int:
        of_these = select(Conversation.id).where(
            Conversation.phone_index.in_([self.store.keys.phone_index(phone) for phone in phones]))
        waiting = ((Message.direction == "inbound") & (Message.state == "received")) | (
            (Message.direction == "outbound") & Message.state.in_(("queued", "sending")))
        with self.store.reading() as session:
            return session.scalar(select(func.count()).where(Message.conversation_id.in_(of_these), waiting)) or 0
