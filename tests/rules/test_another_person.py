"""By silence and by who spoke last it is told whether a stranger may hold the phone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from intake.rules.another_person import is_out_of_the_blue, may_be_asked, may_be_reassigned, says_only

NOW = datetime(2026, 11, 25, 15, 0, tzinfo=UTC)


@pytest.mark.parametrize(("silent", "we_spoke_first", "expected", "remark"), [
    (timedelta(minutes=30), False, False, "within a talk"),
    (timedelta(minutes=31), False, True, "after half an hour"),
    (timedelta(minutes=1), True, True, "in answer to a text that we started"),
    (None, False, True, "nobody wrote before"),
])
def test_out_of_the_blue(silent: timedelta | None, we_spoke_first: bool, expected: bool, remark: str) -> None:
    before = None if silent is None else NOW - silent
    assert is_out_of_the_blue(NOW, before, we_spoke_first=we_spoke_first) is expected, remark


@pytest.mark.parametrize(("days", "expected"), [(44, False), (45, False), (46, True)])
def test_a_phone_may_be_anothers_after_forty_five_days(days: int, expected: bool) -> None:
    assert may_be_reassigned(NOW, NOW - timedelta(days=days)) is expected
    assert may_be_reassigned(NOW, None) is False


@pytest.mark.parametrize(("text", "picked", "expected"), [
    ("yes it is me", "yes", True), ("1", "yes", True), ("yes but who is this really", "yes", False), ("no", "not_yet", False)])
def test_only_a_plain_yes_is_one(text: str, picked: str, expected: bool) -> None:
    assert says_only(text, picked, "yes") is expected


@pytest.mark.parametrize(("stopped", "refused", "asked", "wrote", "expected"), [
    (False, False, None, None, True), (True, False, None, None, False), (False, True, None, None, False),
    (False, False, timedelta(days=29), None, False), (False, False, timedelta(days=30), None, True),
    (False, False, None, timedelta(minutes=29), False), (False, False, None, timedelta(minutes=30), True)])
def test_c14_which_phone_may_be_asked(stopped: bool, refused: bool, asked: timedelta | None, wrote: timedelta | None,
                                      expected: bool) -> None:
    asked_at, wrote_at = (None if ago is None else NOW - ago for ago in (asked, wrote))
    assert may_be_asked(NOW, stopped=stopped, refused=refused, asked_at=asked_at, wrote_at=wrote_at) is expected
