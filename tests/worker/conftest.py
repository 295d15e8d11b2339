"""What the worker's tests work against: a small engine of their own over HTTP, and the real Twilio simulator."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

# The family and the simulator's bench live beside these tests; each folder of tests stands alone on the path.
sys.path[:0] = [str(Path(__file__).parent.parent / folder) for folder in ("simulator", "usecases")]

from a_family import AFamily, a_conversation  # noqa: E402
from senders import a_sender  # noqa: E402
from simulator_bench import Bench, running_bench  # noqa: E402
from small_engine import SmallEngine  # noqa: E402

from intake.content.library import Content  # noqa: E402
from intake.store.connection import Store  # noqa: E402
from worker.twilio import TwilioSender  # noqa: E402


@pytest.fixture
def family(store: Store, content: Content) -> Callable[..., AFamily]:
    """Makes a family in the empty store."""
    return partial(a_conversation, store, content)


@pytest.fixture
def small_engine() -> Iterator[SmallEngine]:
    """A running engine that answers as a test tells it to."""
    with SmallEngine() as engine:
        yield engine


@pytest.fixture(scope="session")
def twilio_bench() -> Iterator[Bench]:
    """One simulator for all tests of the worker."""
    with running_bench() as bench:
        yield bench


@pytest.fixture
def twilio(twilio_bench: Bench) -> Bench:
    """The simulator, empty."""
    twilio_bench.http.post("/simulator/reset")
    twilio_bench.program.received.clear()
    return twilio_bench


@pytest.fixture
def sender(twilio: Bench) -> TwilioSender:
    """A sender that waits half a second for the simulator."""
    return a_sender(twilio.url, twilio.program.url)
