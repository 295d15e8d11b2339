"""Measures the way of a text: how soon its webhook is acknowledged, and how soon the answer is at Twilio.

``python -m bench.sms`` runs the whole system with the simulator in Twilio's place, then an ordinary Rasa form whose
turn runs inside the webhook's request, as in Rasa's own Twilio channel. It prints a Markdown table, and ends with 1
when an acknowledgement or an answer takes longer than it may, or a text that was acknowledged is not in the
database. It takes five to seven minutes and needs the machine for itself.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import httpx
from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from bench.measuring import circumstances
from bench.open_loop import NEVER, Sent, Spread, at_rate, spread
from bench.processes import within
from bench.sms_peer import measure_waiting_webhook
from bench.twilio_side import Families, one_shot_client
from growline.demo import Ports
from growline.system import System
from growline.training import train
from intake.settings import ROOT
from intake.store.connection import Store
from intake.store.models import Message

BENCH_SECONDS = 900
SCRIPT = ROOT / "bench" / "texting.yaml"
PHONES = [f"+186055501{number:02d}" for number in range(1, 100)]  # no phone has these
TALKING = 90
ANSWERS_A_SECOND, ACKNOWLEDGED_A_SECOND, MEASURED_SECONDS = 20, 50, 60
ACKNOWLEDGED_WITHIN, ANSWERED_WITHIN = 0.5, 1.0  # seconds: p99 of the one, p95 of the other
PATIENCE_SECONDS = 60.0
# What a day's texts may cost must not hold back what is measured, nor must the limit of one phone: there are only 99 numbers
# that nobody has, and each stands for many.
SETTINGS = {"GROWLINE_DAILY_SPEND_DOLLARS": "1000000", "GROWLINE_TEXTS_A_MINUTE": "100000"}


@dataclass(frozen=True)
class Row:
    """One row of the table: what was ``named``, at how many ``a_second``, and the ``spread`` of its times."""

    named: str
    a_second: float
    spread: Spread


@dataclass(frozen=True)
class Ours:
    """What was measured of the running system; ``lost`` counts texts acknowledged and not stored."""

    answered: Spread
    acknowledged: Spread
    lost: int


def measure_ours(folder: Path) -> Ours:
    """Runs the system in ``folder`` and measures it: answers first, then acknowledgements. Raises NotReady."""
    extra = {**SETTINGS, "GROWLINE_SPOOL": str(folder / "spool")}
    ports = Ports.free()
    with System(var=folder, ports=ports, extra=extra) as system:
        store = system.open_store()
        try:
            return asyncio.run(_measure(system, store))
        finally:
            store.close()


async def _measure(system: System, store: Store) -> Ours:
    async with one_shot_client() as client:
        await _warm_up(Families(client, system.environment, PHONES[TALKING:], SCRIPT), store)
        talking = Families(client, system.environment, PHONES[:TALKING], SCRIPT)
        sids: dict[int, str] = {number: f"SM{number:032x}" for number in range(ANSWERS_A_SECOND * MEASURED_SECONDS)}
        asked = await at_rate(ANSWERS_A_SECOND, MEASURED_SECONDS, lambda number: talking.text(number, sids[number]))
        await _all_answered(store)
        answered = spread(_until_answered(asked, sids, store, _accepted(system)))
        many = Families(client, system.environment, PHONES, SCRIPT)
        posted = await at_rate(ACKNOWLEDGED_A_SECOND, MEASURED_SECONDS, many.text)
        lost = await _lost(store, {*talking.acknowledged, *many.acknowledged})
    return Ours(answered, spread([sent.seconds for sent in posted]), lost)


async def _warm_up(families: Families, store: Store) -> None:
    """Opens connections and fills caches; not counted."""
    await at_rate(3, 12, families.text)
    await _all_answered(store)


async def _all_answered(store: Store) -> None:
    """Waits until no message is open and no text on its way to Twilio, but not for ever."""
    waiting = select(func.count()).where(Message.state.in_(("received", "queued", "sending")))
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        with store.reading() as session:
            if not session.scalar(waiting):
                return
        await asyncio.sleep(0.5)


def _accepted(system: System) -> dict[str, float]:
    """When the simulator took each text, in seconds since the epoch, by its id there."""
    url = f"http://127.0.0.1:{system.ports.simulator}/simulator/history"
    events = httpx.get(url, timeout=30, trust_env=False).raise_for_status().json()["events"]
    return {event["sid"]: datetime.fromisoformat(event["at"]).timestamp() for event in events
            if event["event"] == "message_accepted"}


def _until_answered(asked: Iterable[Sent], sids: dict[int, str], store: Store, accepted: dict[str, float]) -> list[float]:
    """Seconds from each text to the first text that answers it; NEVER where none does."""
    answers = _answers(store)

    def seconds(sent: Sent) -> float:
        times = [accepted[sid] for sid in answers.get(f"sms:{sids[sent.number]}", ()) if sid in accepted]
        return min(times) - sent.due if times else NEVER

    return [seconds(sent) for sent in asked]


def _answers(store: Store) -> dict[str, list[str]]:
    """The provider's ids of the texts that answer each inbound one; those read together have one answer."""
    reply = aliased(Message)
    query = (select(Message.provider_id, reply.twilio_sid)
             .join(reply, reply.in_reply_to == func.coalesce(Message.read_with, Message.id))
             .where(Message.direction == "inbound", reply.twilio_sid.is_not(None)))
    found: dict[str, list[str]] = {}
    with store.reading() as session:
        for provider_id, sid in session.execute(query):
            found.setdefault(str(provider_id), []).append(str(sid))
    return found


async def _lost(store: Store, acknowledged: set[str]) -> int:
    """How many of the acknowledged texts do not reach the database; those in the spool are given time to."""
    end = time.monotonic() + PATIENCE_SECONDS
    while (missing := _missing(store, acknowledged)) and time.monotonic() < end:
        await asyncio.sleep(0.5)
    return missing


def _missing(store: Store, acknowledged: set[str]) -> int:
    with store.reading() as session:
        stored = set(session.scalars(select(Message.provider_id).where(Message.direction == "inbound")))
    return len({f"sms:{sid}" for sid in acknowledged} - stored)


def table(rows: Sequence[Row]) -> str:
    """The rows as a Markdown table, times in milliseconds."""
    head = ["", "a second", "texts", "p50, ms", "p95, ms", "p99, ms", "failed"]
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *[_cells(row) for row in rows]]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _cells(row: Row) -> list[str]:
    times = [row.spread.p50, row.spread.p95, row.spread.p99]
    return [row.named, f"{row.a_second:g}", str(row.spread.count), *map(_ms, times), str(row.spread.failed)]


def _ms(seconds: float) -> str:
    return "never" if seconds == NEVER else f"{seconds * 1000:.0f}"


def complaints(ours: Ours) -> list[str]:
    """What is worse than it may be."""
    found = []
    if ours.acknowledged.p99 >= ACKNOWLEDGED_WITHIN:
        found.append(f"p99 of an acknowledgement is not under {ACKNOWLEDGED_WITHIN} s")
    if ours.answered.p95 >= ANSWERED_WITHIN:
        found.append(f"p95 of an answer is not under {ANSWERED_WITHIN} s")
    if ours.lost:
        found.append(f"{ours.lost} acknowledged texts are not in the database")
    return found


def main() -> int:
    """Prints the table; 0 when everything is as quick as it must be and nothing was lost, else 1."""
    load_before = os.getloadavg()[0]
    with within(BENCH_SECONDS), tempfile.TemporaryDirectory(prefix="growline-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # the embedded database does not run as root and must get in
        train()
        print("Measuring the way of a text, then the peer; some minutes.", file=sys.stderr, flush=True)
        ours = measure_ours(folder)
        waiting = measure_waiting_webhook(folder)
    rows = [Row("Growline: a text acknowledged", ACKNOWLEDGED_A_SECOND, ours.acknowledged),
            Row("Growline: from a text to its answer at Twilio", ANSWERS_A_SECOND, ours.answered),
            *[Row("Rasa's way, the turn inside the webhook: a text acknowledged", rate, one) for rate, one in waiting]]
    print(table(rows), circumstances(load_before, "Counted from when each text was due"), sep="\n\n", flush=True)
    found = complaints(ours)
    print(*found, sep="\n", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
