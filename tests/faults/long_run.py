"""One long run in which everything goes wrong: at least 20,000 texts of a hundred parents, then the checker and a table.

Run it alone with ``.venv/bin/python -m tests.faults.long_run --messages 20000``; ``make faults`` runs it too. It ends by itself.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from growline.training import train
from tests.faults.evidence import events_of, gather
from tests.faults.history import Verdict, check
from tests.faults.judging import Bench
from tests.faults.parents import Pace, Town, phones, town
from tests.faults.storm import KINDS, Kills, Storm
from tests.quick_system import quick_system

MESSAGES = 20_000
TEXTS_A_SECOND = 15.0
PARENTS = 99
SETTLED_SECONDS = 600
RECONCILED_EVERY = "30"
LOOK_SECONDS = 15.0


@dataclass(frozen=True)
class Outcome:
    """What a long run ended in."""

    verdict: Verdict
    kills: Kills
    lost: int
    refused: int
    seconds: float
    settled: float

    @property
    def is_clean(self) -> bool:
        """Whether every rule was kept and every text arrived in the end."""
        return not self.verdict.violations and self.lost == 0


def run(bench: Bench, messages: int, texts_a_second: float, *, seed: int = 1, parents: int = PARENTS) -> Outcome:
    """Lets the parents send so many texts through a storm and judges what came of them."""
    families = phones(1, parents)
    people = town(bench.system, bench.store, families, Pace(texts_a_second), most_texts=messages, seed=seed)
    begun = time.monotonic()
    with people.texting(), Storm(bench, people, seed).raging() as storm:
        _watch(people, storm, messages, begun + 3 * messages / texts_a_second + 300)
    seconds = time.monotonic() - begun
    settled = bench.settle(families, SETTLED_SECONDS)
    verdict = check(gather(bench.store, list(events_of(bench.simulator)), families))
    return Outcome(verdict, storm.kills, len(bench.never_stored(families)), people.refused, seconds, settled)


def _watch(people: Town, storm: Storm, messages: int, end: float) -> None:
    while not people.is_quiet() and time.monotonic() < end:
        time.sleep(LOOK_SECONDS if messages > 5000 else 1)
        if messages > 5000:
            print(f"{people.texts} of {messages} texts, {storm.kills.count} kills", file=sys.stderr)


def table(outcome: Outcome) -> str:
    """The outcome as the table that operators and the README show."""
    verdict, kills = outcome.verdict, outcome.kills
    lost, after_stop = verdict.count("lost"), verdict.count("after_stop")
    twice = verdict.count("answered_twice", "sent_twice")
    rows = [
        ("texts sent by parents", verdict.messages), ("acknowledged", verdict.acknowledged), ("acknowledged and lost", lost),
        ("never acknowledged and lost", outcome.lost - lost), ("answered twice", twice),
        ("ambiguous sends", verdict.ambiguous), ("of these doubled", verdict.doubled), ("texts after STOP", after_stop),
        ("other violations", len(verdict.violations) - lost - twice - after_stop), ("kills", kills.count),
        ("seconds of texting", round(outcome.seconds)), ("seconds to come to rest", round(outcome.settled))]
    back = [(f"{kind} killed: back in service, median and worst s", f"{kills.median(kind):.1f}  {kills.worst(kind):.1f}")
            for kind in KINDS]
    return "\n".join(f"{name:<56}{value:>14}" for name, value in [*rows, *back])


def main() -> int:
    """Starts a system of its own, runs, prints the table; 0 when every rule was kept."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--messages", type=int, default=MESSAGES)
    arguments.add_argument("--rate", type=float, default=TEXTS_A_SECOND, help="texts a second in all")
    arguments.add_argument("--parents", type=int, default=PARENTS)
    arguments.add_argument("--seed", type=int, default=1)
    given = arguments.parse_args()
    train()
    with tempfile.TemporaryDirectory(prefix="growline-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with quick_system(folder / "system", GROWLINE_ENGINES="2", GROWLINE_RECONCILE_SECONDS=RECONCILED_EVERY) as system:
            store = system.open_store()
            outcome = run(Bench(system, store), given.messages, given.rate, seed=given.seed, parents=given.parents)
            store.close()
    print(table(outcome))
    for violation in outcome.verdict.violations[:50]:
        print(violation)
    return 0 if outcome.is_clean else 1


if __name__ == "__main__":
    sys.exit(main())
