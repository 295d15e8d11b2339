"""One whole running system for the end-to-end and fault tests: every program, a real database, the simulator as Twilio."""

from __future__ import annotations

import itertools
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from people import Coordinator, Phone, WebVisitor

from growline.demo import DEMO_LOGIN, Ports
from growline.system import System
from growline.training import train
from intake.store.connection import Store
from intake.usecases.case_view import view_case


def _free_ports() -> Ports:
    probes = {name: socket.socket() for name in Ports.__dataclass_fields__}
    for probe in probes.values():
        probe.bind(("127.0.0.1", 0))
    ports = Ports(**{name: probe.getsockname()[1] for name, probe in probes.items()})
    for probe in probes.values():
        probe.close()
    return ports


@pytest.fixture(scope="session")
def system(server_folder: Path) -> Iterator[System]:
    train()
    extra = {"GROWLINE_RETRY_SECONDS": "0.3", "GROWLINE_CHAT_SESSIONS_PER_HOUR": "100000", "SIMULATOR_RECEIPT_DELAY": "0.05"}
    with System(var=server_folder / "system", ports=_free_ports(), extra=extra) as system:
        yield system


@pytest.fixture(scope="session")
def live_store(system: System) -> Iterator[Store]:
    """The running system's own database."""
    store = system.open_store()
    yield store
    store.close()


_last_digits = itertools.count(10)


@pytest.fixture
def phone(system: System) -> Phone:
    """A phone that has never written before."""
    return Phone(f"http://127.0.0.1:{system.ports.simulator}", f"+1860555{next(_last_digits) + 100:04d}")


@pytest.fixture
def visitor(system: System) -> Callable[[str | None], WebVisitor]:
    return lambda language=None: WebVisitor(f"http://127.0.0.1:{system.ports.gateway}", language)


@pytest.fixture(scope="session")
def coordinator(system: System) -> Coordinator:
    person = Coordinator(f"http://127.0.0.1:{system.ports.console}", DEMO_LOGIN, system.environment["GROWLINE_DEMO_PASSWORD"])
    person.signs_in()
    return person


@pytest.fixture
def case(live_store: Store) -> Callable[..., dict[str, Any]]:
    """What stands in the database of a case, by phone or by conversation."""
    return lambda **key: view_case(live_store, actor="test", **key)
