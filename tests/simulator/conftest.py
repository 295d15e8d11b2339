"""Hands each test a running simulator: the shared one, emptied, or one of its own with other settings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest
from simulator_bench import SERVICE, Bench, running_bench


@pytest.fixture(scope="session")
def shared_bench() -> Iterator[Bench]:
    """One bench for all tests; each test gets it emptied."""
    with running_bench(messaging_service_sid=SERVICE, api_key=("SK" + "0" * 32, "key-secret")) as bench:
        yield bench


@pytest.fixture
def bench(shared_bench: Bench) -> Bench:
    """The bench, empty."""
    shared_bench.http.post("/simulator/reset")
    shared_bench.program.received.clear()
    shared_bench.program.answers.clear()
    return shared_bench


@pytest.fixture
def bench_with() -> Callable[..., AbstractContextManager[Bench]]:
    """Makes a bench of its own with other settings: `with bench_with(advanced_opt_out=True) as bench`."""
    return running_bench
