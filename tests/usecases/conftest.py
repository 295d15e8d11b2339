"""Hands a test its family: ``family(until=Kind.WORRY)`` is one that has been led up to the question about a worry."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from a_family import AFamily, a_conversation

from intake.content.library import Content
from intake.store.connection import Store


@pytest.fixture
def family(store: Store, content: Content) -> Callable[..., AFamily]:
    """Makes a family in the empty store."""
    return partial(a_conversation, store, content)
