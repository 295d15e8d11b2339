"""The moves of a referral: every status has its place, nothing is sent without being ready, closed stays closed."""

from __future__ import annotations

import pytest

from intake.rules.referral import (
    MOVES,
    SOURCES_OF_STAFF,
    BarrierCode,
    GapCode,
    MoveNotAllowed,
    MoveSource,
    ReasonMissing,
    ReferralStatus,
    check_move,
    check_reason,
    may_move,
    needs_reason,
    read_reason,
)

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


@pytest.mark.parametrize(
    ("before", "after", "standing", "needed"),
    [
        (S.SENT, S.COULD_NOT_REACH, None, True),
        (S.DRAFT, S.DECLINED, None, True),
        (S.RECEIVED, S.WAIT_LISTED, None, True),
        (S.EVALUATED, S.NOT_ELIGIBLE, None, True),
        (S.WAIT_LISTED, S.DECLINED, BarrierCode.WAIT_LIST, True),  # another reason by now
        (S.EVALUATED, S.CLOSED, None, True),  # closed without having been connected
        (S.READY, S.CLOSED, None, True),
        (S.NOT_ELIGIBLE, S.CLOSED, BarrierCode.NOT_ELIGIBLE, False),  # it is named already
        (S.WAIT_LISTED, S.CLOSED, GapCode.NO_CAPACITY, False),
        (S.DECLINED, S.CLOSED, None, True),  # a row from before reasons were asked for
        (S.CONNECTED, S.CLOSED, None, False),
        (S.READY, S.SENT, None, False),
        (S.SENT, S.RECEIVED, None, False),
        (S.WAIT_LISTED, S.CONNECTED, BarrierCode.WAIT_LIST, False),
    ],
)
def test_a_family_that_has_not_arrived_needs_a_reason(
    before: ReferralStatus, after: ReferralStatus, standing: BarrierCode | GapCode | None, needed: bool
) -> None:
    assert needs_reason(before, after, standing) is needed
    check_reason(before, after, GapCode.NONE_NEAR, standing)
    if needed:
        with pytest.raises(ReasonMissing) as refusal:
            check_reason(before, after, None, standing)
        assert refusal.value.after is after
    else:
        check_reason(before, after, None, standing)


def test_no_code_is_both_a_barrier_and_a_gap() -> None:
    assert {*BarrierCode}.isdisjoint({*GapCode})
    assert (read_reason("hours"), read_reason("none_near")) == (BarrierCode.HOURS, GapCode.NONE_NEAR)
    assert read_reason("") is None and read_reason("gremlins") is None


def test_staff_may_name_every_source_but_the_agent() -> None:
    assert {*MoveSource} - {*SOURCES_OF_STAFF} == {MoveSource.AGENT}
