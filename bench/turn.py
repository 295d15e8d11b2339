"""Measures one turn, HTTP in and HTTP out with its action call, at both ends of a long conversation.

``python -m bench.turn`` runs the real engine, the real action server and an embedded PostgreSQL, then an
ordinary Rasa form in their place, prints a Markdown table, and ends with 1 when our late turns take longer
than they may. It takes less than six minutes and needs the machine for itself.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from bench.driving import side_by_side, turns_a_second, warm_up
from bench.measuring import RATIO_LIMIT, Measured, TimedTurn, circumstances, table
from bench.parent import Parent, Script, read_script
from bench.peer import measure_peer
from bench.processes import MemoryWatch, running, within
from growline.demo import Ports, demo_environment
from growline.programs import Program, programs
from growline.training import train
from intake.content.library import Content, load_content
from intake.settings import ROOT
from intake.store.connection import Store, open_store
from intake.store.embedded import EmbeddedServer
from intake.store.encryption import KeyRing
from intake.store.schema import migrate
from intake.usecases.receiving import receive_sms
from intake.usecases.taking import EngineTurn
from worker.engine import Answer, Engine
from worker.turns import take_turn

BENCH_SECONDS = 350
LONG_CONVERSATIONS = 4
SCRIPT = ROOT / "bench" / "conversation.yaml"
PHONES = [f"+186055501{number:02d}" for number in range(1, 100)]  # no phone has these


class EngineNotAsked(RuntimeError):
    """A message was answered without the engine, so there was no engine turn to measure."""


class TimedEngine(Engine):
    """The worker's own way to the engine, with a clock on each turn's request."""

    def __init__(self, url: str) -> None:
        super().__init__([url])
        self.seconds: float | None = None
        self.open_question: str | None = None

    def take_turn(self, turn: EngineTurn) -> Answer:
        """As the worker does; keeps the ``seconds`` it took and the kind of the question now open."""
        begun = time.perf_counter()
        answer = super().take_turn(turn)
        self.seconds = time.perf_counter() - begun
        self.open_question = _open_question(answer.receipt)
        return answer


def _open_question(receipt: dict[str, Any]) -> str | None:
    expects = receipt.get("expects")
    return None if expects is None else str(expects["kind"])


@dataclass(frozen=True)
class Bench:
    """What is measured: a store, the content, the two programs and the engine's address."""

    store: Store
    content: Content
    engine: Program
    actions: Program
    url: str


@dataclass(frozen=True)
class Timed:
    """One turn by both clocks: the engine's request alone, and the worker's whole turn around it."""

    engine: TimedTurn
    whole: TimedTurn


@contextmanager
def running_bench(folder: Path) -> Iterator[Bench]:
    """A database in ``folder``, the engine and the actions, ready, until the block ends."""
    ports = Ports.free()
    environment = demo_environment(folder, ports)
    with EmbeddedServer(folder / "postgres") as server:
        environment["GROWLINE_DATABASE_URL"] = url = server.database("bench")
        store = open_store(url, KeyRing([environment["GROWLINE_DATA_KEYS"]], environment["GROWLINE_INDEX_KEY"]))
        try:
            migrate(store.engine)
            named = {program.name: program for program in programs(environment, ports, folder, simulator=False)}
            with running(named["engine"], named["actions"]):
                yield Bench(store, load_content(ROOT / "content"), named["engine"], named["actions"],
                            environment["GROWLINE_ENGINE_URL"])
        finally:
            store.close()


class Family:
    """One family's conversation by SMS, from a number that no phone has."""

    def __init__(self, bench: Bench, script: Script, phone: str) -> None:
        self._bench = bench
        self._parent = Parent(script)
        self._phone = phone
        self._engine = TimedEngine(bench.url)

    def take_turn(self) -> Timed:
        """Texts the next message and takes its turn. Raises TurnNotTaken, EngineNotAsked, NothingToSay."""
        text = self._parent.says(self._engine.open_question)
        received = receive_sms(self._bench.store, message_sid=f"SM{uuid4().hex}", sender=self._phone, text=text)
        self._engine.seconds = None
        begun = time.perf_counter()
        take_turn(self._bench.store, self._bench.content, self._engine, received.message_id)
        whole = time.perf_counter() - begun
        if self._engine.seconds is None:
            raise EngineNotAsked(f"turn {self._parent.turn}")
        turn = self._parent.turn
        return Timed(TimedTurn(turn, self._engine.seconds), TimedTurn(turn, whole))

    def close(self) -> None:
        """Closes the connection to the engine."""
        self._engine.close()


def measure_ours(folder: Path) -> list[Measured]:
    """The rows of our own engine: the engine's turn, and the worker's whole turn around it."""
    script, phones = read_script(SCRIPT), iter(PHONES)
    with running_bench(folder) as bench, ExitStack() as families:

        def begin() -> Family:
            return families.enter_context(closing(Family(bench, script, next(phones))))

        memory = MemoryWatch(bench.engine), MemoryWatch(bench.actions)
        warm_up(begin)
        timed = side_by_side(begin, LONG_CONVERSATIONS)
        rate = turns_a_second(begin)
        engine = Measured("Growline, engine turn", [one.engine for one in timed], None, memory[0].end(), memory[1].end())
        return [engine, Measured("Growline, whole turn of the worker", [one.whole for one in timed], rate)]


def main() -> int:
    """Prints the table; 0 when our late turns stay within the limit, else 1."""
    load_before = os.getloadavg()[0]
    with within(BENCH_SECONDS), tempfile.TemporaryDirectory(prefix="growline-bench-") as folder:
        train()
        print("Measuring Growline, then the peer; some minutes.", file=sys.stderr, flush=True)
        ours = measure_ours(Path(folder))
        peer = measure_peer(Path(folder))
    print(table([*ours, peer]), circumstances(load_before), sep="\n\n", flush=True)
    late = [row.named for row in ours if not row.stays_flat()]
    for named in late:
        print(f"{named}: late turns take more than {RATIO_LIMIT} times as long as early ones", file=sys.stderr)
    return 1 if late else 0


if __name__ == "__main__":
    sys.exit(main())
