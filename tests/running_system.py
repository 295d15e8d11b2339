"""One whole running system for the end-to-end and fault tests: every program, a real database, the simulator as Twilio."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from people import Coordinator, Phone, WebVisitor
from quick_system import quick_system

from growline.demo import DEMO_LOGIN
from growline.system import System
from growline.training import train
from intake.store.connection import Store
from intake.usecases.case_view import view_case


@pytest.fixture(scope="session")
def system(server_folder: Path) -> Iterator[System]:
    train()
    with quick_system(server_folder / "system") as system:
        yield system


@pytest.fixture(scope="session")
def live_store(system: System) -> Iterator[Store]:
    """The running system's own database."""
    store = system.open_store()
    yield store
    store.close()


_last_digits = iter(range(101, 180))  # from 0180 on they are those of the fault tests' many parents


@pytest.fixture
def phone(system: System) -> Phone:
    """A phone that has never written before."""
    return Phone(f"http://127.0.0.1:{system.ports.simulator}", f"+1860555{next(_last_digits):04d}")


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
