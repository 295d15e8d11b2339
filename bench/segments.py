"""Counts the SMS segments of a whole 18-month screening, in English and in Spanish.

``python -m bench.segments`` lets two made-up families go through it by text, through the real system with the simulator
in Twilio's place. It prints a Markdown table with what they cost, accents kept and dropped, and the longest texts of
each language, which are where shortening pays. It takes some two minutes and needs nothing for itself.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from ruamel.yaml import YAML
from sqlalchemy import func, select

from bench.parent import MILESTONE, NothingToSay
from bench.processes import within
from growline.demo import Ports
from growline.system import System
from growline.training import train
from intake.rules.sms_text import Accents, as_sms
from intake.settings import ROOT, WorkerSettings
from intake.store.connection import Store
from intake.store.models import Conversation, Message
from intake.usecases.sms_size import Size, count

BENCH_SECONDS = 420
SCRIPT = ROOT / "bench" / "screening.yaml"
NAMES = {"en": "English", "es": "Spanish"}
PHONES = {"en": "+18605550142", "es": "+18605550177"}
LAST_QUESTION = "needs_met"
MOST_TURNS = 60
ANSWER_SECONDS = 30.0
LONGEST = 5
SHOWN_CHARACTERS = 60
SEGMENT_DOLLARS = WorkerSettings.model_fields["segment_dollars"].default
# These families answer faster than anyone could read, and their texts leave as they are written.
SETTINGS = {"GROWLINE_CROSSING_SECONDS": "0", "GROWLINE_SMS_ACCENTS": "keep", "GROWLINE_TEXTS_A_MINUTE": "100000"}


class NoAnswer(RuntimeError):
    """A text of the family was not answered in time."""


@dataclass(frozen=True)
class Screening:
    """One family's thread: the texts it got and the texts it sent."""

    language: str
    sent_out: list[str]
    came_in: list[str]


class Family:
    """A family at its phone that knows what to say to each kind of question."""

    def __init__(self, system: System, store: Store, language: str, script: Mapping[str, Any]) -> None:
        self._store, self._language, self._script = store, language, script
        self._thread = f"http://127.0.0.1:{system.ports.simulator}/simulator/phones/{PHONES[language]}/messages"
        self._milestone = 0

    def goes_through(self) -> Screening:
        """The whole screening, from the first word to the answer to the last question. Raises NoAnswer, NothingToSay."""
        said, asked = self._script["opening"], None
        for _ in range(MOST_TURNS):
            sid = self._texts(said)
            if asked == LAST_QUESTION:
                return self._as_it_was()
            asked = self._open_question(sid)
            said = self._answer(asked)
        raise NothingToSay(f"{self._language}: no end after {MOST_TURNS} texts, asked for {asked}")

    def _texts(self, text: str) -> str:
        answer = httpx.post(self._thread, json={"text": text}, timeout=20, trust_env=False).raise_for_status()
        sid = str(answer.json()["sid"])
        end = time.monotonic() + ANSWER_SECONDS
        while not self._is_answered(sid):
            if time.monotonic() > end:
                raise NoAnswer(f"{self._language}: no answer within {ANSWER_SECONDS} s")
            time.sleep(0.05)
        return sid

    def _is_answered(self, sid: str) -> bool:
        """Whether the text was dealt with and nothing of its conversation still waits to leave."""
        waits = select(func.count()).select_from(Message).where(Message.state.in_(("received", "queued", "sending")))
        with self._store.reading() as session:
            known = session.scalar(select(Message.id).where(Message.provider_id == f"sms:{sid}"))
            return known is not None and not session.scalar(waits)

    def _open_question(self, sid: str) -> str | None:
        with self._store.reading() as session:
            return session.scalar(select(Conversation.expects_kind).join(Message, Message.conversation_id == Conversation.id)
                                  .where(Message.provider_id == f"sms:{sid}"))

    def _answer(self, asked: str | None) -> str:
        if asked == MILESTONE:
            self._milestone += 1
            return str(self._script["milestones"].get(self._milestone, self._script["otherwise"]))
        if asked not in self._script["answers"]:
            raise NothingToSay(f"{self._language}: no answer to the question {asked!r}")
        return str(self._script["answers"][asked])

    def _as_it_was(self) -> Screening:
        messages = httpx.get(self._thread, timeout=20, trust_env=False).raise_for_status().json()["messages"]
        by = {side: [message["text"] for message in messages if message["from"] == side] for side in ("program", "parent")}
        return Screening(self._language, by["program"], by["parent"])


def measure(folder: Path) -> list[Screening]:
    """Runs the system in ``folder`` and lets both families go through. Raises NotReady, NoAnswer, NothingToSay."""
    script = YAML(typ="safe").load(SCRIPT)
    ports = Ports.free()
    with System(var=folder, ports=ports, extra=SETTINGS) as system:
        store = system.open_store()
        try:
            return [Family(system, store, language, script[language]).goes_through() for language in NAMES]
        finally:
            store.close()


def table(screenings: Sequence[Screening]) -> str:
    """The screenings as a Markdown table, each with accents kept and dropped."""
    head = ["", "texts out", "segments out", "UCS-2 texts out", "texts in", "segments in", "dollars"]
    rows = [_cells(one, accents) for one in screenings for accents in ("keep", "drop")]
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _cells(screening: Screening, accents: Accents) -> list[str]:
    out = [count(as_sms(text, accents)) for text in screening.sent_out]
    came = [count(text) for text in screening.came_in]
    wide = sum(size.encoding == "UCS-2" for size in out)
    segments = _segments(out), _segments(came)
    kept = "kept" if accents == "keep" else "dropped"
    return [f"{NAMES[screening.language]}, accents {kept}", str(len(out)), str(segments[0]), str(wide), str(len(came)),
            str(segments[1]), f"{sum(segments) * SEGMENT_DOLLARS:.2f}"]


def _segments(sizes: Sequence[Size]) -> int:
    return sum(size.segments for size in sizes)


def longest(screening: Screening) -> str:
    """The texts that fill the most segments, accents kept."""
    sized = sorted(((count(text), text) for text in screening.sent_out), key=lambda pair: (-pair[0].segments, -len(pair[1])))
    lines = [f"- {size.segments} segments, {size.encoding}, {len(text)} characters: {_beginning(text)}"
             for size, text in sized[:LONGEST]]
    return "\n".join([f"The longest texts in {NAMES[screening.language]}:", "", *lines])


def _beginning(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= SHOWN_CHARACTERS else f"{line[:SHOWN_CHARACTERS]}…"


def main() -> int:
    """Prints the table, what a segment costs, and the longest texts."""
    with within(BENCH_SECONDS), tempfile.TemporaryDirectory(prefix="growline-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # the embedded database does not run as root and must get in
        train()
        screenings = measure(folder)
    print(table(screenings), f"At ${SEGMENT_DOLLARS} a segment, both directions.",
          *[longest(one) for one in screenings], sep="\n\n", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
