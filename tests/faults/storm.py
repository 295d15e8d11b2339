"""Everything that goes wrong during a long run: random kills, and fault scripts of the simulator that follow one another."""

from __future__ import annotations

import contextlib
import random
import statistics
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

import httpx

from tests.faults.judging import Bench
from tests.faults.parents import Town

KINDS = {"gateway": ("gateway",), "worker": ("worker", "worker2"), "actions": ("actions",), "engine": ("engine", "engine2")}
WEIGHTS = {"gateway": 4, "worker": 6, "actions": 4, "engine": 1}
PAUSES = (8.0, 16.0)  # seconds between two kills; starting a program anew takes seconds of a processor
BACK_SECONDS = 120.0
DROPPED = 0.05
CHANGES_EVERY = 20.0

_SENDS: list[dict[str, object]] = [
    {"kind": "error_before"}, {"kind": "error_after"}, {"kind": "reset"}, {"kind": "reset_after"}, {"kind": "throttle"},
    {"kind": "hang_after", "seconds": 9}, {"kind": "hang_after", "seconds": 30}, {"kind": "hang_before", "seconds": 30}]
_RECEIPTS: list[dict[str, object]] = [
    {}, {"duplicate": True}, {"shuffle": True}, {"drop": 0.3}, {"late_seconds": 5},
    {"duplicate": True, "shuffle": True, "drop": 0.1}]


@dataclass
class Kills:
    """The kills so far: by kind of program, how long it took until a parent's text was answered again, in seconds."""

    count: int = 0
    back: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def median(self, kind: str) -> float:
        """The median time back in service; nan without a kill."""
        return statistics.median(self.back[kind]) if self.back[kind] else float("nan")

    def worst(self, kind: str) -> float:
        """The worst time back in service; nan without a kill."""
        return max(self.back[kind], default=float("nan"))


@dataclass
class Storm:
    """Kills programs and changes the simulator's faults until it is over."""

    bench: Bench
    town: Town
    seed: int = 1
    kills: Kills = field(default_factory=Kills)
    _over: threading.Event = field(default_factory=threading.Event)

    @contextlib.contextmanager
    def raging(self, *, kills: bool = True) -> Iterator[Storm]:
        """The storm rages while the body runs; afterwards nothing goes wrong any more and all programs come up."""
        threads = [threading.Thread(target=work, daemon=True) for work in (self._change_faults, self._kill)[:1 + kills]]
        for thread in threads:
            thread.start()
        try:
            yield self
        finally:
            self._over.set()
            for thread in threads:
                thread.join(BACK_SECONDS + 10)
            self.bench.faults()
            self.bench.wait_until_ready(300)

    def _change_faults(self) -> None:
        lots = random.Random(f"faults {self.seed}")
        while True:
            with contextlib.suppress(httpx.HTTPError):
                self.bench.faults(seed=lots.randrange(10**6), webhooks={"drop": DROPPED, "duplicate": lots.random() < 0.3},
                                  callbacks=lots.choice(_RECEIPTS),
                                  send=[{**fault, "times": 10**6, "chance": 0.01} for fault in _SENDS])
            if self._over.wait(CHANGES_EVERY):
                return

    def _kill(self) -> None:
        lots = random.Random(f"kills {self.seed}")
        while not self._over.wait(lots.uniform(*PAUSES)):
            kind = lots.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
            running = [name for name in KINDS[kind] if name in self.bench.system.programs]
            killed, self.kills.count = lots.choice(running), self.kills.count + 1
            begun, seen = time.monotonic(), len(self.town.events)
            self.bench.system.programs[killed].kill()
            if self._answered_again(seen, begun):
                self.kills.back[kind].append(time.monotonic() - begun)

    def _answered_again(self, seen: int, begun: float) -> bool:
        """Waits until a text of a parent that came after the kill is answered."""
        while time.monotonic() - begun < BACK_SECONDS and not self._over.wait(0.05):
            asked: set[object] = set()
            for event in self.town.events[seen:]:
                if event["event"] == "inbound_received":
                    asked.add(event["phone"])
                elif event["event"] == "message_accepted" and event["phone"] in asked:
                    return True
        return False
