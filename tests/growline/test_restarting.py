"""A killed program is back at once; one that cannot live is tried ever more rarely, and never more rarely than every 4 s."""

from __future__ import annotations

from growline.restarting import LONGEST_PAUSE, STEADY_SECONDS, RestartPause


def test_a_program_that_ran_well_is_started_again_at_once() -> None:
    assert RestartPause().after(STEADY_SECONDS) == 0


def test_a_program_killed_right_after_its_start_is_started_again_at_once() -> None:
    assert RestartPause().after(0.1) == 0


def test_the_pause_grows_for_a_program_that_dies_again_and_again_and_stays_below_four_seconds() -> None:
    pause = RestartPause()
    assert [pause.after(1.0) for _ in range(8)] == [0, 0.25, 0.5, 1, 2, LONGEST_PAUSE, LONGEST_PAUSE, LONGEST_PAUSE]


def test_a_good_run_makes_the_early_deaths_forgotten() -> None:
    pause = RestartPause()
    for _ in range(5):
        pause.after(1.0)
    assert pause.after(STEADY_SECONDS + 1) == 0
    assert [pause.after(1.0), pause.after(1.0)] == [0, 0.25]
