"""What many tests stand on: one embedded PostgreSQL for the whole run, migrated once, emptied before each test."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from emptying import empty, forget_the_disk

from intake.settings import ROOT
from intake.store.connection import Store, open_store
from intake.store.embedded import EmbeddedServer
from intake.store.encryption import KeyRing, new_key
from intake.store.schema import migrate

pytest_plugins = ("running_system",)

# Files that take a minute or more on two cores, the longest first: one that came last would be waited for by all other cores.
LONGEST = (
    "test_matrix_of_programs.py", "test_matrix_of_dangers.py", "test_widget_in_a_browser.py", "test_bad_input.py",
    "test_f10_clock.py", "test_ten_families.py", "test_a_coordinators_day.py", "test_kills.py", "test_widget_looks.py",
    "test_f1_kills.py", "test_coming_back.py", "test_f4_database.py", "test_a_person_steps_in.py", "test_somebody_else_refers.py",
)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test that asks for the whole system, or for a browser, is marked so: one that forgot would run among the fast ones.
    The longest files come first."""
    for item in items:
        for name in {"system", "browser"} & set(getattr(item, "fixturenames", ())):
            item.add_marker(name)
    places = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path.name, len(LONGEST)))


@pytest.fixture(scope="session")
def server_folder() -> Iterator[Path]:
    """A temporary folder that a server which does not run as root may enter, unlike pytest's own."""
    with tempfile.TemporaryDirectory(prefix="growline-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


@pytest.fixture(scope="session")
def server(server_folder: Path) -> Iterator[EmbeddedServer]:
    with EmbeddedServer(server_folder / "tests") as server:
        yield server


@pytest.fixture(scope="session")
def key_ring() -> KeyRing:
    return KeyRing([new_key()], new_key())


@pytest.fixture(scope="session")
def database_url(server: EmbeddedServer, key_ring: KeyRing) -> str:
    url = server.database("tests")
    store = open_store(url, key_ring)
    forget_the_disk(store.engine)
    migrate(store.engine)
    store.close()
    return url


@pytest.fixture(scope="session")
def shared_store(database_url: str, key_ring: KeyRing) -> Iterator[Store]:
    """One open store for all tests: what each asks of the database is compiled once, instead of once a test."""
    store = open_store(database_url, key_ring)
    yield store
    store.close()


@pytest.fixture
def store(shared_store: Store) -> Store:
    """The shared store, its tables empty."""
    empty(shared_store.engine)
    return shared_store


@pytest.fixture(scope="session")
def content() -> "Content":  # noqa
    from intake.content.library import load_content
    return load_content(Path(ROOT / "content"))
