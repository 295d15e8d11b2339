"""A whole running system: database, programs, and a watch that starts again whatever ends."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

from dotenv import dotenv_values

from growline.demo import DEMO_ADMINISTRATOR, DEMO_LOGIN, Ports, demo_environment, internal_addresses
from growline.free_ports import MOST_OF_A_KIND
from growline.programs import Program, programs
from intake.settings import ROOT, SettingsError, StoreSettings
from intake.store.connection import Store, open_store
from intake.store.embedded import EmbeddedServer
from intake.store.encryption import KeyRing
from intake.store.schema import migrate
from intake.usecases.searching import mark_names
from intake.usecases.staff import add_staff, staff_is_known

READY_SECONDS = 180  # an engine loads for a quarter of a minute on a quiet machine, and for minutes on a busy one
LOOK_SECONDS = 0.05  # a killed program is noticed within this
WORKERS = 2  # so that one goes on with the conversations of the other when that dies
DATABASE = "growline"


def _from_file() -> dict[str, str]:
    """What stands in ``.env`` and is not set in the environment, which wins."""
    return {name: value for name, value in dotenv_values(ROOT / ".env").items()
            if value is not None and name not in os.environ}


def _count(name: str, given: Mapping[str, str], default: int) -> int:
    """How many of a kind are started, 1 to 9; raises SettingsError."""
    value = given.get(name) or os.environ.get(name) or str(default)
    if not value.isascii() or not value.isdigit() or not 1 <= int(value) <= MOST_OF_A_KIND:
        raise SettingsError(f"Growline cannot start; {name}: how many are started, 1 to {MOST_OF_A_KIND}")
    return int(value)


class System:
    """Every program of Growline. In demo mode with made-up keys, the simulator and a demo login."""

    def __init__(self, *, var: Path = ROOT / "var", ports: Ports | None = None, demo: bool = True,
                 extra: dict[str, str] | None = None) -> None:
        self.ports = ports or Ports.from_environment({**({} if demo else _from_file()), **os.environ})
        self.demo = demo
        self.var = var
        given = {**({} if demo else _from_file()), **(extra or {})}
        engines = _count("GROWLINE_ENGINES", given, 1)
        self._workers, self._engines = _count("GROWLINE_WORKERS", given, WORKERS), engines
        base = (demo_environment(var, self.ports, engines=engines) if demo
                else {**self.ports.environment(), **internal_addresses(self.ports, engines=engines)})
        self.environment = {**base, **given}
        self.server: EmbeddedServer | None = None
        self._stopping = threading.Event()
        self._watch: threading.Thread | None = None
        self._held: frozenset[str] = frozenset()
        self._looking = threading.Lock()  # nothing is started while a program is being taken down on purpose
        self.programs: dict[str, Program] = {}

    def start(self) -> None:
        """Starts database and programs and returns when all are ready."""
        self.environment["GROWLINE_DATABASE_URL"] = self._database_url()
        store = self.open_store()
        migrate(store.engine)
        mark_names(store)
        if self.demo:
            self._add_demo_logins(store)
        store.close()
        started = programs(self.environment, self.ports, self.var / "logs", simulator=self.demo, workers=self._workers,
                           engines=self._engines)
        self.programs = {program.name: program for program in started}
        for program in started:
            program.start()
        for program in started:
            if not program.spare:
                program.wait_until_ready(READY_SECONDS)
        self._watch = threading.Thread(target=self._keep_alive, daemon=True)
        self._watch.start()

    def _database_url(self) -> str:
        given = self.environment.get("GROWLINE_DATABASE_URL") or os.environ.get("GROWLINE_DATABASE_URL")
        if given:
            return given
        self.server = EmbeddedServer(self.var / "postgres")
        return self.server.database(DATABASE)

    def open_store(self) -> Store:
        """The system's database with its keys; the caller closes it."""
        if not self.demo:
            settings = StoreSettings()  # type: ignore[call-arg]
            return open_store(self.environment["GROWLINE_DATABASE_URL"], settings.key_ring())
        keys = KeyRing(self.environment["GROWLINE_DATA_KEYS"].split(","), self.environment["GROWLINE_INDEX_KEY"])
        return open_store(self.environment["GROWLINE_DATABASE_URL"], keys)

    def _add_demo_logins(self, store: Store) -> None:
        password = self.environment["GROWLINE_DEMO_PASSWORD"]
        for login, name, role in ((DEMO_LOGIN, "Demo Coordinator", "supervisor"),
                                  (DEMO_ADMINISTRATOR, "Demo Administrator", "administrator")):
            if not staff_is_known(store, login):
                add_staff(store, login, name, password, role)

    def _keep_alive(self) -> None:
        while not self._stopping.wait(LOOK_SECONDS):
            for program in list(self.programs.values()):
                with self._looking:
                    if program.name not in self._held and program.is_due() and not self._stopping.is_set():
                        program.start()

    def hold_down(self, *names: str) -> None:
        """Kills these programs and keeps them down until ``let_up``; for fault tests."""
        with self._looking:
            self._held = frozenset(names)
            for name in names:
                self.programs[name].kill()

    def pause(self, name: str) -> None:
        """Freezes a program where it stands, as a machine that hangs does, until ``resume``; for fault tests."""
        self.programs[name].freeze()

    def resume(self, name: str) -> None:
        """Lets a frozen program go on."""
        self.programs[name].thaw()

    def restart(self, name: str, changes: Mapping[str, str | None] | None = None) -> None:
        """Kills a program and starts it with ``changes`` in its environment (None takes a name away); for fault tests."""
        program = self.programs[name]
        with self._looking:
            program.kill()
            for setting, value in (changes or {}).items():
                if value is None:
                    program.environment.pop(setting, None)
                else:
                    program.environment[setting] = value
            program.start()

    def add(self, program: Program) -> None:
        """Starts a further program and looks after it as after the others, for example another worker."""
        program.start()
        self.programs = {**self.programs, program.name: program}

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
        if self.server is not None:
            self.server.close()

    def __enter__(self) -> System:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()
