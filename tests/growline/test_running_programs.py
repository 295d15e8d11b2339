"""How many programs of a kind are started, and how each is kept apart from the others of its kind."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest

from growline.demo import Ports
from growline.programs import Program, programs
from growline.system import System
from intake.settings import SettingsError


def _by_name(tmp_path: Path, **counts: int) -> dict[str, Program]:
    return {program.name: program for program in programs({}, Ports(), tmp_path, simulator=True, **counts)}


def test_the_second_worker_has_a_port_and_a_log_of_its_own(tmp_path: Path) -> None:
    started = _by_name(tmp_path, workers=2)
    first, second = started["worker"], started["worker2"]
    assert (first.environment["WORKER_OPERATIONS_PORT"], second.environment["WORKER_OPERATIONS_PORT"]) == ("9082", "9083")
    assert first.log != second.log and ":9083/" in second.ready_url and first.command == second.command


def test_a_second_engine_is_a_spare_at_the_next_port(tmp_path: Path) -> None:
    started = _by_name(tmp_path, engines=2)
    assert [started[name].spare for name in ("engine", "engine2")] == [False, True]
    assert "5006" in started["engine2"].command


def test_the_worker_is_told_the_address_of_every_engine(tmp_path: Path) -> None:
    system = System(var=tmp_path, ports=Ports(), extra={"GROWLINE_ENGINES": "2"})
    assert system.environment["GROWLINE_ENGINE_URL"] == "http://127.0.0.1:5005,http://127.0.0.1:5006"


def test_the_demo_keeps_its_spool_beside_its_other_data(tmp_path: Path) -> None:
    assert System(var=tmp_path, ports=Ports()).environment["GROWLINE_SPOOL"] == str(tmp_path / "spool")


@pytest.mark.parametrize("count", ["0", "ten", "-1", "100"])
def test_a_number_of_workers_that_makes_no_sense_is_refused_with_help(tmp_path: Path, count: str) -> None:
    with pytest.raises(SettingsError, match="GROWLINE_WORKERS"):
        System(var=tmp_path, ports=Ports(), extra={"GROWLINE_WORKERS": count})


def _sleeper(tmp_path: Path) -> Program:
    return Program("sleeper", [sys.executable, "-c", "import time; time.sleep(60)"], "http://127.0.0.1:9/", {},
                   tmp_path / "sleeper.log")


def test_a_killed_program_is_due_at_once_and_one_that_runs_is_not(tmp_path: Path) -> None:
    program = _sleeper(tmp_path)
    program.start()
    assert not program.is_due()
    program.kill()
    assert program.is_due()
    program.start()
    assert program.starts == 2 and not program.is_due()
    program.stop()


def test_a_frozen_program_still_runs_and_can_be_stopped(tmp_path: Path) -> None:
    program = _sleeper(tmp_path)
    program.start()
    program.freeze()
    assert program.is_running()
    program.stop()
    assert program.process is not None and program.process.returncode == -signal.SIGTERM


def test_what_takes_texts_in_gives_way_to_nothing_and_what_answers_them_does(tmp_path: Path) -> None:
    started = _by_name(tmp_path, workers=2, engines=2)
    behind = {"worker", "worker2", "engine", "engine2", "actions"}
    assert {name for name, program in started.items() if program.gives_way > 0} == behind


def test_a_program_runs_with_its_place_behind_the_others(tmp_path: Path) -> None:
    program = _sleeper(tmp_path)
    program.gives_way = 5
    program.start()
    try:
        assert program.process is not None
        assert os.getpriority(os.PRIO_PROCESS, program.process.pid) == min(19, os.getpriority(os.PRIO_PROCESS, 0) + 5)
    finally:
        program.stop()
