"""The history checker finds each thing that must not happen, and finds nothing where all went well."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.faults.history import Accepted, History, Inbound, OptOut, Outbound, Sent, Turn, check

PHONE = "+18605550142"
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def _at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def _out(number: int, answers: int | None, **changes: object) -> Outbound:
    row = Outbound(f"o{number}", "c", PHONE, seq=number, state="delivered", text=f"text {number}",
                   in_reply_to=None if answers is None else f"i{answers}", position=0, attempted_at=_at(number))
    return replace(row, **changes)


def _clean() -> History:
    """Two texts, each answered; then STOP, confirmed once, a text that is not answered, and START."""
    return History(
        sent=[Sent(f"SM{n}", PHONE, True) for n in (1, 3, 5, 7, 8)],
        accepted=[Accepted(f"SMo{n}", f"o{n}") for n in (2, 4, 6, 9)],
        inbound=[Inbound("i1", "SM1", "c", 1, "done"), Inbound("i3", "SM3", "c", 3, "done"),
                 Inbound("i5", "SM5", "c", 5, "done"), Inbound("i7", "SM7", "c", 7, "suppressed"),
                 Inbound("i8", "SM8", "c", 8, "done")],
        outbound=[_out(2, 1), _out(4, 3), _out(6, 5, confirms=True), _out(9, 8)],
        turns=[Turn("i1", "c", _at(1)), Turn("i3", "c", _at(3))],
        opt_outs=[OptOut(PHONE, _at(5), _at(8))],
        referrals=[("c", "birth_to_three"), ("c", "mid_learn"), ("d", "birth_to_three")],
    )


def _rules_broken(history: History) -> set[str]:
    return {violation.split(":")[0] for violation in check(history).violations}


def test_a_clean_history_breaks_no_rule() -> None:
    verdict = check(_clean())
    assert verdict.violations == []
    assert (verdict.messages, verdict.acknowledged, verdict.ambiguous, verdict.doubled) == (5, 5, 0, 0)


def test_an_acknowledged_text_without_a_row_is_lost() -> None:
    assert _rules_broken(replace(_clean(), sent=[*_clean().sent, Sent("SM99", PHONE, True)])) == {"lost"}


def test_a_text_that_was_not_acknowledged_may_have_no_row() -> None:
    assert _rules_broken(replace(_clean(), sent=[*_clean().sent, Sent("SM99", PHONE, False)])) == set()


def test_a_text_of_no_person_is_kept_apart_and_not_lost() -> None:
    history = replace(_clean(), sent=[*_clean().sent, Sent("SM99", "211", True)], kept_apart=frozenset({"SM99"}))
    assert _rules_broken(history) == set()


def test_two_rows_for_one_text_are_found() -> None:
    history = replace(_clean(), inbound=[*_clean().inbound, Inbound("i10", "SM1", "c", 10, "done")])
    assert _rules_broken(history) == {"row_twice"}


@pytest.mark.parametrize("state", ["received", "taken"])
def test_a_text_that_nobody_dealt_with_is_found(state: str) -> None:
    history = replace(_clean(), inbound=[*_clean().inbound, Inbound("i10", "SM10", "c", 10, state)])
    assert _rules_broken(history) == {"unfinished"}


def test_a_text_read_with_another_ends_with_it_and_not_before() -> None:
    read_with = Inbound("i10", "SM10", "c", 10, "received", read_with="i8")
    assert _rules_broken(replace(_clean(), inbound=[*_clean().inbound, read_with])) == set()
    waits = [replace(row, state="received") if row.id == "i8" else row for row in _clean().inbound]
    assert _rules_broken(replace(_clean(), inbound=[*waits, read_with])) == {"unfinished"}


def test_a_later_text_answered_before_an_earlier_one_is_found() -> None:
    swapped = [_out(2, 3), _out(4, 1), *_clean().outbound[2:]]
    assert _rules_broken(replace(_clean(), outbound=swapped)) == {"order"}


def test_turns_taken_out_of_order_are_found() -> None:
    assert _rules_broken(replace(_clean(), turns=[Turn("i1", "c", _at(4)), Turn("i3", "c", _at(3))])) == {"order"}


def test_the_order_of_one_conversation_says_nothing_of_another() -> None:
    history = replace(_clean(), turns=[Turn("i1", "c", _at(4)), Turn("i3", "d", _at(3))])
    assert _rules_broken(history) == set()


@pytest.mark.parametrize("row", ["o99", None])
def test_a_text_that_left_without_a_row_is_found(row: str | None) -> None:
    history = replace(_clean(), accepted=[*_clean().accepted, Accepted("SMx", row)])
    assert _rules_broken(history) == {"stranger"}


def test_a_row_that_left_twice_is_found() -> None:
    history = replace(_clean(), accepted=[*_clean().accepted, Accepted("SMx", "o2")])
    assert _rules_broken(history) == {"sent_twice"}


def test_an_ambiguous_send_may_have_left_twice_but_not_many_of_them() -> None:
    unclear = [replace(row, unclear=True) for row in _clean().outbound]
    once = replace(_clean(), outbound=unclear, accepted=[*_clean().accepted, Accepted("SMx", "o2")])
    verdict = check(once)
    assert (verdict.violations, verdict.ambiguous, verdict.doubled) == ([], 4, 1)
    assert _rules_broken(replace(once, accepted=[*once.accepted, Accepted("SMy", "o4")])) == {"doubled"}


def test_two_answers_at_one_place_are_found() -> None:
    assert _rules_broken(replace(_clean(), outbound=[*_clean().outbound, _out(10, 8)])) == {"answered_twice"}


def test_the_same_words_twice_in_one_answer_are_found() -> None:
    twice = [*_clean().outbound, _out(10, 8, position=1, text="text 9")]
    history = replace(_clean(), outbound=twice, accepted=[*_clean().accepted, Accepted("SMx", "o10")])
    assert _rules_broken(history) == {"answered_twice"}


def test_the_same_words_that_left_once_only_and_a_resend_are_no_second_answer() -> None:
    never_left = _out(10, 8, position=1, text="text 9", state="canceled", attempted_at=None)
    resend = _out(11, 8, position=None, text="text 9", resend_of="o9")
    history = replace(_clean(), outbound=[*_clean().outbound, never_left, resend],
                      accepted=[*_clean().accepted, Accepted("SMx", "o11")])
    assert _rules_broken(history) == set()


def test_an_answer_to_a_text_that_was_read_with_another_is_found() -> None:
    read_with = Inbound("i10", "SM10", "c", 10, "done", read_with="i8")
    history = replace(_clean(), inbound=[*_clean().inbound, read_with], outbound=[*_clean().outbound, _out(11, 10)])
    assert _rules_broken(history) == {"answered_twice"}


def test_a_text_taken_up_after_stop_is_found() -> None:
    after = [*_clean().outbound, _out(10, 3, position=1, attempted_at=_at(6.5), seq=5)]
    assert _rules_broken(replace(_clean(), outbound=after)) == {"after_stop"}


def test_what_was_taken_up_before_stop_or_after_start_may_leave() -> None:
    around = [*_clean().outbound, _out(10, 3, position=1, attempted_at=_at(4.9), seq=5), _out(11, 8, position=1)]
    assert _rules_broken(replace(_clean(), outbound=around)) == set()


def test_a_second_confirmation_of_one_opt_out_is_found() -> None:
    twice = [*_clean().outbound, _out(7, 5, position=1, confirms=True)]
    assert _rules_broken(replace(_clean(), outbound=twice)) == {"after_stop"}


def test_a_second_referral_to_one_program_is_found() -> None:
    history = replace(_clean(), referrals=[*_clean().referrals, ("c", "birth_to_three")])
    assert _rules_broken(history) == {"referred_twice"}


@pytest.mark.parametrize("state", ["queued", "sending"])
def test_a_text_of_ours_that_waits_for_ever_is_found(state: str) -> None:
    assert _rules_broken(replace(_clean(), outbound=[*_clean().outbound, _out(10, None, state=state)])) == {"waiting"}


def test_an_audit_trail_that_does_not_hold_together_is_found() -> None:
    verdict = check(replace(_clean(), broken_audit_line=17))
    assert verdict.violations == ["audit: line 17 does not fit"] and verdict.count("audit", "lost") == 1
