"""Measures the staff console with many conversations: how soon the queue, a search and a case are there, and in how many queries.

``python -m bench.console`` fills an embedded PostgreSQL with 100,000 conversations of 50 messages, in two steps, and asks for
each page through the real WSGI application, signed in, one request after the other. It prints a Markdown table and ends with 1
when a page takes 150 ms (p95) or needs more queries with all conversations than with the first part of them. ``--conversations
2000 --rounds 20`` makes it small. One of the two people who ask is limited to a program.
"""

from __future__ import annotations

import argparse
import gc
import itertools
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from bench.console_seed import MESSAGES, NAMES, PROGRAM, Seeded, seed
from bench.measuring import circumstances
from bench.open_loop import Spread, spread
from console.app import create_app
from intake.settings import ConsoleSettings
from intake.store.connection import Store, open_store
from intake.store.embedded import EmbeddedServer
from intake.store.encryption import new_key
from intake.store.models import Role, Staff
from intake.store.schema import migrate
from intake.usecases.sight import limit_to
from intake.usecases.staff import StaffRole

CONVERSATIONS, FIRST_PART, ROUNDS = 100_000, 10, 200
ALLOWED_SECONDS = 0.150
ADDRESS = "https://console.example"
_SECRETS = ("DATA_KEYS", "INDEX_KEY", "CONSOLE_SECRET", "PASSWORD_SALT")

Value = TypeVar("Value")


@dataclass(frozen=True)
class Row:
    """One page at one size: how long it took, and the most queries that a request needed."""

    page: str
    conversations: int
    took: Spread
    queries: int


class Counting:
    """Counts the statements that reach the database."""

    def __init__(self, store: Store) -> None:
        self.seen = 0
        event.listen(store.engine, "before_cursor_execute", self._count)

    def _count(self, *_: object) -> None:
        self.seen += 1


@dataclass(frozen=True)
class Browsers:
    """Two people signed in: one of the team, and one limited to a program, whose sight is worked out row by row."""

    team: FlaskClient
    program: FlaskClient


@contextmanager
def _console(folder: Path) -> Iterator[tuple[Store, Browsers]]:
    """An empty database and the browsers at the console."""
    given = {f"GROWLINE_{name}": new_key() for name in _SECRETS}
    with EmbeddedServer(folder / "database") as server:
        given |= {"GROWLINE_DATABASE_URL": server.database("bench"), "GROWLINE_CONSOLE_URL": ADDRESS + "/",
                  "GROWLINE_SECOND_FACTOR": "optional"}
        settings = ConsoleSettings.model_validate(given)
        store = open_store(settings.database_url, settings.key_ring())
        migrate(store.engine)
        with store.transaction() as session:
            role = Role(name=StaffRole.INTAKE.value)
            ines = Staff(email="ines@example.org", name="Ines Vega", fs_uniquifier="ines-1", roles=[role])
            omar = Staff(email="omar@example.org", name="Omar Diaz", fs_uniquifier="omar-1", roles=[role])
            session.add_all([ines, omar])
            session.flush()
            limit_to(session, omar.id, [PROGRAM])
        app = create_app(settings, store=store)
        gc.freeze()  # as the console does when it starts
        yield store, Browsers(_signed_in(app, "ines-1"), _signed_in(app, "omar-1"))
        store.close()


def _signed_in(app: Flask, user: str) -> FlaskClient:
    client = app.test_client()
    with client.session_transaction(base_url=ADDRESS) as session:
        session.update({"_user_id": user, "_fresh": True, "began": time.time(), "seen": time.time()})
    return client


def _pages(browsers: Browsers, made: Seeded) -> dict[str, Callable[[int], object]]:
    """What the two ask for, by name; each takes the number of the round."""
    client = browsers.team
    token = client.get("/search", base_url=ADDRESS).text.split('name="csrf_token" value="')[1].split('"')[0]

    def get(path: str, by: FlaskClient = client) -> None:
        assert by.get(path, base_url=ADDRESS).status_code == 200, path

    def find(typed: str) -> None:
        answer = client.post("/search", base_url=ADDRESS, data={"csrf_token": token, "looked_for": typed},
                             headers={"Referer": ADDRESS + "/"})
        assert answer.status_code == 200 and "/cases/" in answer.text, typed[:3]

    def nth(values: Sequence[Value], number: int) -> Value:
        return values[number * 7919 % len(values)]

    filters = itertools.cycle(("/", "/?page=3", "/?urgency=urgent", "/?overdue=1&language=es", "/?assignee=nobody&channel=web",
                               f"/?program={PROGRAM}"))
    theirs = itertools.cycle(("/", "/?page=2", "/?urgency=urgent", "/live/queue", f"/?program={PROGRAM}"))
    return {
        "queue": lambda number: get(next(filters)),
        "queue, asked for by itself": lambda number: get("/live/queue"),
        "search by phone": lambda number: find(nth(made.phones, number)),
        "search by case number": lambda number: find(nth(made.receipts, number)),
        "search by name": lambda number: find(NAMES[number % len(NAMES)]),
        "case": lambda number: get(f"/cases/{nth(made.flagged, number)}"),
        "my day": lambda number: get("/day"),
        "figures": lambda number: get("/figures"),
        "queue, limited to a program": lambda number: get(next(theirs), browsers.program),
        "case, limited to a program": lambda number: get(f"/cases/{nth(made.of_program, number)}", browsers.program),
    }


def _measure(store: Store, browsers: Browsers, made: Seeded, conversations: int, rounds: int) -> list[Row]:
    counting, rows = Counting(store), []
    for name, ask in _pages(browsers, made).items():
        seconds, queries = [], 0
        for number in range(-5, rounds):
            before, begun = counting.seen, time.perf_counter()
            ask(number)
            if number >= 0:  # the first five let templates and plans be made
                seconds.append(time.perf_counter() - begun)
                queries = max(queries, counting.seen - before)
        rows.append(Row(name, conversations, spread(seconds), queries))
    return rows


def _line(row: Row) -> str:
    cells = [f"{seconds * 1000:.1f}" for seconds in (row.took.p50, row.took.p95, row.took.p99)]
    return f"| {row.page} | {row.conversations:,} | {' | '.join(cells)} | {row.queries} |"


def _is_good(few: list[Row], many: list[Row]) -> bool:
    flat = all(small.queries >= large.queries for small, large in zip(few, many, strict=True))
    return flat and all(row.took.p95 < ALLOWED_SECONDS for row in many)


def main() -> int:
    """Prints the table; 0 when every page is quick and needs no more queries the more there is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--conversations", type=int, default=CONVERSATIONS)
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="requests for each page")
    asked = parser.parse_args()
    conversations, rounds = asked.conversations, asked.rounds
    load_before, first = os.getloadavg()[0], conversations // FIRST_PART
    with tempfile.TemporaryDirectory(prefix="growline-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with _console(folder) as (store, browsers):
            begun = time.monotonic()
            few = _measure(store, browsers, seed(store, first), first, rounds)
            seeding = time.monotonic()
            made = seed(store, conversations - first, first)
            seeded = time.monotonic() - seeding
            many = _measure(store, browsers, made, conversations, rounds)
    rate = (conversations - first) * MESSAGES / seeded
    figures = (f"{conversations * MESSAGES:,} messages, {rounds} requests a page, one after the other; "
               f"{time.monotonic() - begun:.0f} s in all, {rate:,.0f} messages a second while filling")
    print("| page | conversations | p50, ms | p95, ms | p99, ms | queries |", "| --- | ---: | ---: | ---: | ---: | ---: |",
          *map(_line, [*few, *many]),
          circumstances(load_before, figures), sep="\n")
    return 0 if _is_good(few, many) else 1


if __name__ == "__main__":
    sys.exit(main())
