"""The moves of a referral: every status has its place, nothing is sent without being ready, closed stays closed."""

from __future__ import annotations

import pytest

from intake.rules.referral import MOVES, MoveNotAllowed, ReferralStatus, check_move, may_move

S = ReferralStatus


def test_every_status_has_its_moves_and_none_leads_to_itself() -> None:
    assert set(MOVES) == set(ReferralStatus)
    assert not any(may_move(status, status) for status in ReferralStatus)


def test_every_status_can_be_reached_and_can_be_closed() -> None:
    reached, fresh = {S.DRAFT}, {S.DRAFT}
    while fresh:
        fresh = {after for before in fresh for after in MOVES[before]} - reached
        reached |= fresh
    assert reached == set(ReferralStatus)
    assert all(may_move(status, S.CLOSED) for status in ReferralStatus if status is not S.CLOSED)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (S.DRAFT, S.READY),
        (S.READY, S.SENT),
        (S.SENT, S.RECEIVED),
        (S.RECEIVED, S.EVALUATED),
        (S.EVALUATED, S.CONNECTED),
        (S.WAIT_LISTED, S.CONNECTED),
        (S.COULD_NOT_REACH, S.CONNECTED),
        (S.DECLINED, S.READY),
        (S.CONNECTED, S.CLOSED),
    ],
)
def test_the_road_of_a_referral_is_open(before: ReferralStatus, after: ReferralStatus) -> None:
    assert may_move(before, after)
    check_move(before, after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (S.DRAFT, S.SENT),
        (S.DRAFT, S.CONNECTED),
        (S.SENT, S.DRAFT),
        (S.CLOSED, S.DRAFT),
        (S.DECLINED, S.SENT),
        (S.CONNECTED, S.SENT),
        (S.NOT_ELIGIBLE, S.CONNECTED),
    ],
)
def test_a_move_that_skips_consent_or_rewrites_the_past_is_refused(
    before: ReferralStatus, after: ReferralStatus
) -> None:
    with pytest.raises(MoveNotAllowed) as refusal:
        check_move(before, after)
    assert (refusal.value.before, refusal.value.after) == (before, after)
