"""F4 and F5: the database restarts, crashes, stays away, and meanwhile the disk of the spool fills up.

What was acknowledged is not lost: texts wait in the gateway's sealed spool. What cannot be kept anywhere is refused with 503.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from people import Phone

from tests.faults.database import Database, Mode
from tests.faults.judging import Bench, wait_until
from tests.faults.parents import Pace, phones, town

pytestmark = pytest.mark.system

DRAINED_SECONDS = 60
SMALL_DISK = "64k"


def _spooled(bench: Bench) -> int:
    return len(list((bench.system.var / "spool").glob("*.sealed")))


@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_a_restart_of_the_database_loses_nothing(bench: Bench, mode: Mode) -> None:
    families = phones(80, 10)
    with town(bench.system, bench.store, families, Pace(4)).texting() as parents:
        time.sleep(4)
        print(f"database away for {Database(bench.system).restart(mode):.1f} s ({mode})")
        time.sleep(6)
    assert parents.answered > 5
    bench.judge(families, 90)


def _outage(bench: Bench, families: list[str], seconds: float) -> None:
    with town(bench.system, bench.store, families, Pace(4)).texting() as parents:
        time.sleep(4)
        with Database(bench.system).away():
            refused_before = parents.refused
            time.sleep(seconds)
            assert _spooled(bench) > 0, "texts wait in the spool"
            assert parents.refused == refused_before, "every text is acknowledged while the database is away"
        drained = wait_until(lambda: _spooled(bench) == 0, DRAINED_SECONDS)
        print(f"the spool was empty {drained:.1f} s after the database came back")
        time.sleep(5)
    bench.judge(families, 120)


def test_an_outage_of_the_database_is_waited_out_and_the_spool_drained(bench: Bench) -> None:
    _outage(bench, phones(80, 10), 15)


@pytest.mark.faults
def test_a_minute_without_a_database_is_waited_out_and_the_spool_drained(bench: Bench) -> None:
    _outage(bench, phones(80, 20), 60)


@contextmanager
def _on_a_small_disk(folder: Path) -> Iterator[None]:
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SMALL_DISK}", "tmpfs", folder], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", folder], check=True)


def test_with_a_full_disk_and_no_database_a_text_is_refused_and_later_ones_are_kept_again(phone: Phone, bench: Bench) -> None:
    spool = bench.system.var / "spool"
    wait_until(lambda: _spooled(bench) == 0, DRAINED_SECONDS)
    with _on_a_small_disk(spool):
        with Database(bench.system).away():
            (spool / "somebody-elses.data").write_bytes(bytes(40 * 1024))
            statuses = [phone.sends(f"hi {number}")["webhook_status"] for number in range(12)]
            assert 503 in statuses, statuses
            assert list(spool.glob("*.new")) == [], "no half file is left"
            (spool / "somebody-elses.data").unlink()
            assert phone.sends("hello again")["webhook_status"] == 200
        wait_until(lambda: _spooled(bench) == 0, DRAINED_SECONDS)
    verdict = bench.judge([phone.number])
    assert 1 <= verdict.acknowledged < verdict.messages
