"""Hands a test its family: ``family(until=Kind.WORRY)`` is one that has been led up to the question about a worry.

All these tests share one open store, emptied before each: statements are compiled once instead of once a test.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import pytest
from a_family import AFamily, a_conversation
from emptying import empty

from intake.content.library import Content
from intake.store.connection import Store, open_store
from intake.store.encryption import KeyRing


@pytest.fixture(scope="session")
def shared_store(database_url: str, key_ring: KeyRing) -> Iterator[Store]:
    """One open store for all tests of the use cases; no test here pulls the plug, so nothing waits for the disk."""
    separator = "&" if "?" in database_url else "?"
    store = open_store(f"{database_url}{separator}options=-csynchronous_commit%3Doff", key_ring)
    yield store
    store.close()


@pytest.fixture
def store(shared_store: Store) -> Store:
    """The shared store, empty."""
    empty(shared_store.engine)
    return shared_store


@pytest.fixture
def family(store: Store, content: Content) -> Callable[..., AFamily]:
    """Makes a family in the empty store."""
    return partial(a_conversation, store, content)
