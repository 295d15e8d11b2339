"""A whole running system: database, programs, and a watch that starts again whatever ends."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path
from types import TracebackType

from dotenv import dotenv_values

from growline.demo import DEMO_LOGIN, Ports, demo_environment, internal_addresses
from growline.programs import Program, programs
from intake.settings import ROOT, StoreSettings
from intake.store.connection import Store, open_store
from intake.store.embedded import EmbeddedServer
from intake.store.encryption import KeyRing
from intake.store.schema import migrate
from intake.usecases.staff import add_staff, staff_is_known

READY_SECONDS = 90
DATABASE = "growline"


def _from_file() -> dict[str, str]:
    """What stands in ``.env`` and is not set in the environment, which wins."""
    return {name: value for name, value in dotenv_values(ROOT / ".env").items()
            if value is not None and name not in os.environ}


class System:
    """Every program of Growline. In demo mode with made-up keys, the simulator and a demo login."""

    def __init__(self, *, var: Path = ROOT / "var", ports: Ports | None = None, demo: bool = True,
                 extra: dict[str, str] | None = None) -> None:
        self.ports = ports or Ports.from_environment({**({} if demo else _from_file()), **os.environ})
        self.demo = demo
        self.var = var
        base = demo_environment(var, self.ports) if demo else {**self.ports.environment(), **internal_addresses(self.ports)}
        self.environment = {**base, **({} if demo else _from_file()), **(extra or {})}
        self._server: EmbeddedServer | None = None
        self._stopping = threading.Event()
        self._watch: threading.Thread | None = None
        self._held: frozenset[str] = frozenset()
        self.programs: dict[str, Program] = {}

    def start(self) -> None:
        """Starts database and programs and returns when all are ready."""
        self.environment["GROWLINE_DATABASE_URL"] = self._database_url()
        store = self.open_store()
        migrate(store.engine)
        if self.demo:
            self._add_demo_login(store)
        store.close()
        started = programs(self.environment, self.ports, self.var / "logs", simulator=self.demo)
        self.programs = {program.name: program for program in started}
        for program in started:
            program.start()
        for program in started:
            program.wait_until_ready(READY_SECONDS)
        self._watch = threading.Thread(target=self._keep_alive, daemon=True)
        self._watch.start()

    def _database_url(self) -> str:
        given = self.environment.get("GROWLINE_DATABASE_URL") or os.environ.get("GROWLINE_DATABASE_URL")
        if given:
            return given
        self._server = EmbeddedServer(self.var / "postgres")
        return self._server.database(DATABASE)

    def open_store(self) -> Store:
        """The system's database with its keys; the caller closes it."""
        if not self.demo:
            settings = StoreSettings()  # type: ignore[call-arg]
            return open_store(self.environment["GROWLINE_DATABASE_URL"], settings.key_ring())
        keys = KeyRing(self.environment["GROWLINE_DATA_KEYS"].split(","), self.environment["GROWLINE_INDEX_KEY"])
        return open_store(self.environment["GROWLINE_DATABASE_URL"], keys)

    def _add_demo_login(self, store: Store) -> None:
        if not staff_is_known(store, DEMO_LOGIN):
            add_staff(store, DEMO_LOGIN, "Demo Coordinator", self.environment["GROWLINE_DEMO_PASSWORD"], "supervisor")

    def _keep_alive(self) -> None:
        while not self._stopping.wait(0.3):
            for program in self.programs.values():
                if not program.is_running() and not self._stopping.is_set() and program.name not in self._held:
                    time.sleep(0.2)
                    program.start()

    def hold_down(self, *names: str) -> None:
        """Kills these programs and keeps them down until ``let_up``; for fault tests."""
        self._held = frozenset(names)
        for name in names:
            self.programs[name].kill()

    def let_up(self) -> None:
        """Lets the programs held down come up again."""
        self._held = frozenset()

    def stop(self) -> None:
        """Stops everything in the reverse order."""
        self._stopping.set()
        if self._watch is not None:
            self._watch.join(5)
        for program in reversed(list(self.programs.values())):
            program.stop()
        if self._server is not None:
            self._server.close()

    def __enter__(self) -> System:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()
