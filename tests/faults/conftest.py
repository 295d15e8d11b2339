"""What every fault test has: the running system as a bench, with all programs up again and nothing armed afterwards."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from growline.system import System
from intake.store.connection import Store
from tests.faults.judging import Bench


@pytest.fixture
def bench(system: System, live_store: Store) -> Iterator[Bench]:
    bench = Bench(system, live_store)
    yield bench
    system.let_up()
    for name in system.programs:
        system.resume(name)
    bench.faults()
    for left in (system.var / "failpoints").iterdir():
        left.unlink()
    bench.wait_until_ready()
