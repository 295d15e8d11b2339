"""Moving a referral from the console: what is allowed, what is not, and two people at once."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from intake.rules.referral import (
    BarrierCode,
    GapCode,
    MoveNotAllowed,
    MoveSource,
    ReasonMissing,
    ReferralStatus,
)
from intake.store.audit import verify
from intake.store.connection import Store
from intake.store.models import Referral, ReferralMove
from intake.usecases.casework import ConflictError, ReferralUnknown, move_referral
from intake.usecases.staff import StaffRole, add_staff
from tests.console.desk import PASSWORD, Desk, audit_lines
from tests.console.made_up_families import MadeUpCase, a_case


def _move(desk: Desk, case: MadeUpCase, to: str, version: int = 1, **fields: str) -> TestResponse:
    path = f"/cases/{case.conversation}"
    desk.get(path)
    form: dict[str, Any] = {"to": to, "version": version, "source": "staff", **fields}
    return desk.post(f"{path}/referrals/{case.referral}/moves", form)


def _standing(store: Store, case: MadeUpCase) -> tuple[str, int, list[ReferralMove]]:
    with store.reading() as session:
        referral = session.get_one(Referral, case.referral)
        return referral.status, referral.version, list(referral.moves)


def test_a_referral_is_moved_with_barrier_and_note(desk: Desk, store: Store, ines: int) -> None:
    case = a_case(store, status=ReferralStatus.SENT)
    answer = _move(desk, case, "could_not_reach", source="program", reason="hours", note="rang twice,\r\ntry after six ")
    assert (
        answer.status_code == 303
        and answer.location == f"/cases/{case.conversation}#referral-{case.referral}"
    )
    status, version, moves = _standing(store, case)
    assert (status, version) == ("could_not_reach", 2)
    assert (moves[-1].from_status, moves[-1].actor, moves[-1].barrier, moves[-1].note) == (
        "sent",
        f"staff:{ines}",
        "hours",
        "rang twice,\ntry after six",
    )
    assert (moves[-1].source, moves[-1].gap) == ("program", None)
    page = desk.get(f"/cases/{case.conversation}").text
    for part in (
        "Could not reach the family",
        "Sent to Could not reach the family",
        "by Ines Vega",
        "told by: the program",
        "Hours",
        "rang twice,\ntry after six",
    ):
        assert part in page, part
    assert [line.object_id for line in audit_lines(store, "referral.could_not_reach")] == [str(case.referral)]


def test_the_form_offers_the_allowed_moves_and_no_other(desk: Desk, store: Store) -> None:
    case = a_case(store, status=ReferralStatus.READY)
    page = desk.get(f"/cases/{case.conversation}").text
    offered = [
        status.value
        for status in ReferralStatus
        if f'<option value="{status.value}">' in page and status.value not in {*BarrierCode, *GapCode}
    ]
    assert offered == ["draft", "sent", "declined", "closed"]


def test_a_move_the_table_does_not_have_is_refused_and_nothing_changes(desk: Desk, store: Store) -> None:
    case = a_case(store, status=ReferralStatus.READY)
    answer = _move(desk, case, "connected", note="they called me")
    assert answer.status_code == 422
    assert "cannot go to that status" in answer.text and "they called me" in answer.text
    assert _standing(store, case)[:2] == ("ready", 1)
    assert audit_lines(store, "referral.connected") == []


@pytest.mark.parametrize(("to", "reason"), [("", ""), ("lost", ""), ("sent", "gremlins")])
def test_a_status_or_reason_that_is_none_is_refused(desk: Desk, store: Store, to: str, reason: str) -> None:
    case = a_case(store)
    assert _move(desk, case, to, reason=reason).status_code == 422
    assert _standing(store, case)[:2] == ("ready", 1)


@pytest.mark.parametrize("source", ["", "agent", "a friend"])
def test_who_told_us_must_be_said_and_staff_cannot_speak_for_the_agent(
    desk: Desk, store: Store, source: str
) -> None:
    case = a_case(store)
    answer = _move(desk, case, "sent", source=source, note="faxed at noon")
    assert answer.status_code == 422
    assert "Say who told you" in answer.text and "faxed at noon" in answer.text
    assert '<option value="sent" selected>' in answer.text
    assert _standing(store, case)[:2] == ("ready", 1)


@pytest.mark.parametrize("to", ["could_not_reach", "declined", "wait_listed", "not_eligible", "closed"])
def test_a_family_that_did_not_arrive_needs_a_reason_and_nothing_typed_is_lost(
    desk: Desk, store: Store, to: str
) -> None:
    case = a_case(store, status=ReferralStatus.SENT)
    answer = _move(desk, case, to, source="family", note="they moved away")
    assert answer.status_code == 422
    for part in (
        "Say what stood in the way",
        "they moved away",
        f'<option value="{to}" selected>',
        'value="family" required checked',
    ):
        assert part in answer.text, part
    assert _standing(store, case)[:2] == ("sent", 1)
    assert audit_lines(store, f"referral.{to}") == []
    assert _move(desk, case, to, reason="transport").status_code == 303


def test_a_gap_is_kept_apart_from_barriers_and_shown_in_words(desk: Desk, store: Store) -> None:
    case = a_case(store, status=ReferralStatus.SENT)
    assert _move(desk, case, "not_eligible", source="program", reason="none_for_age").status_code == 303
    last = _standing(store, case)[2][-1]
    assert (last.gap, last.barrier, last.source) == ("none_for_age", None, "program")
    page = desk.get(f"/cases/{case.conversation}").text
    assert page.count("None for this age") == 2  # once in the list to choose from, once in the history


def test_a_reason_that_stands_need_not_be_named_again_to_close(desk: Desk, store: Store) -> None:
    case = a_case(store, status=ReferralStatus.SENT)
    assert _move(desk, case, "wait_listed", reason="wait_list").status_code == 303
    assert _move(desk, case, "closed", version=2).status_code == 303
    assert _standing(store, case)[:2] == ("closed", 3)


def test_a_connected_referral_is_closed_without_a_reason(desk: Desk, store: Store) -> None:
    case = a_case(store, status=ReferralStatus.CONNECTED)
    assert _move(desk, case, "closed", source="family").status_code == 303
    assert _standing(store, case)[0] == "closed"


def test_a_note_that_is_too_long_is_refused_and_kept_in_the_form(desk: Desk, store: Store) -> None:
    case = a_case(store)
    answer = _move(desk, case, "sent", note="x" * 2_001)
    assert answer.status_code == 422 and "x" * 2_001 in answer.text
    assert _standing(store, case)[1] == 1


def test_of_two_people_the_second_sees_what_changed_and_loses_nothing(
    app: Flask, desk: Desk, store: Store
) -> None:
    case = a_case(store, status=ReferralStatus.SENT)
    add_staff(store, "luz@example.org", "Luz Marin", PASSWORD, StaffRole.SUPERVISOR)
    luz = Desk(app)
    luz.sign_in("luz@example.org")
    assert _move(luz, case, "wait_listed", reason="wait_list", note="eight weeks").status_code == 303
    answer = _move(desk, case, "could_not_reach", reason="language", note="no interpreter today")
    assert answer.status_code == 409
    for part in (
        "A colleague changed this referral",
        "Sent to On a waiting list",
        "by Luz Marin",
        "Waiting list",
        "no interpreter today",
        '<option value="could_not_reach" selected>',
        '<option value="language" selected>',
        'name="version" value="2"',
    ):
        assert part in answer.text, part
    assert _standing(store, case)[:2] == ("wait_listed", 2)
    assert (
        desk.post(
            f"/cases/{case.conversation}/referrals/{case.referral}/moves",
            {
                "to": "could_not_reach",
                "version": "2",
                "source": "family",
                "reason": "language",
                "note": "no interpreter today",
            },
        ).status_code
        == 303
    )
    status, version, moves = _standing(store, case)
    assert (status, version) == ("could_not_reach", 3)
    assert [move.note for move in moves if move.note] == ["eight weeks", "no interpreter today"]


def test_a_referral_of_another_case_is_not_moved_from_here(desk: Desk, store: Store) -> None:
    case, other = a_case(store), a_case(store)
    desk.get(f"/cases/{case.conversation}")
    answer = desk.post(
        f"/cases/{case.conversation}/referrals/{other.referral}/moves", {"to": "sent", "version": 1}
    )
    assert answer.status_code == 404
    assert _standing(store, other)[:2] == ("ready", 1)


def test_moving_needs_the_form_token(desk: Desk, store: Store) -> None:
    case = a_case(store)
    answer = desk.post(
        f"/cases/{case.conversation}/referrals/{case.referral}/moves",
        {"to": "sent", "version": 1, "csrf_token": "made-up"},
    )
    assert answer.status_code == 400
    assert _standing(store, case)[:2] == ("ready", 1)


def test_the_use_case_names_what_happened_since_and_leaves_nothing_behind(store: Store, ines: int) -> None:
    case = a_case(store, status=ReferralStatus.SENT)
    assert move_referral(store, case.referral, ReferralStatus.RECEIVED, ines, 1) == 2
    assert move_referral(store, case.referral, ReferralStatus.EVALUATED, ines, 2) == 3
    with pytest.raises(ConflictError) as conflict:
        move_referral(store, case.referral, ReferralStatus.CLOSED, ines, 1, note="from the past")
    assert (conflict.value.status, conflict.value.version) == (ReferralStatus.EVALUATED, 3)
    assert [(change.from_status, change.to_status) for change in conflict.value.changes] == [
        (ReferralStatus.SENT, ReferralStatus.RECEIVED),
        (ReferralStatus.RECEIVED, ReferralStatus.EVALUATED),
    ]
    with pytest.raises(MoveNotAllowed):
        move_referral(store, case.referral, ReferralStatus.DRAFT, ines, 3)
    with pytest.raises(ReasonMissing):
        move_referral(store, case.referral, ReferralStatus.DECLINED, ines, 3, source=MoveSource.FAMILY)
    with pytest.raises(ReferralUnknown):
        move_referral(store, uuid4(), ReferralStatus.SENT, ines, 1)
    assert len(_standing(store, case)[2]) == 3
    with store.reading() as session:
        assert verify(session) is None


def test_of_many_at_the_same_instant_one_moves_and_the_others_are_told(store: Store, ines: int) -> None:
    case = a_case(store, status=ReferralStatus.SENT)
    ready = threading.Barrier(4)

    def move(to: ReferralStatus) -> str:
        ready.wait()
        try:
            move_referral(store, case.referral, to, ines, 1, BarrierCode.OTHER)
        except ConflictError as conflict:
            return f"told of {len(conflict.changes)}"
        return "moved"

    wanted = [
        ReferralStatus.RECEIVED,
        ReferralStatus.DECLINED,
        ReferralStatus.EVALUATED,
        ReferralStatus.CLOSED,
    ]
    with ThreadPoolExecutor(4) as pool:
        outcomes = sorted(pool.map(move, wanted))
    assert outcomes == ["moved", "told of 1", "told of 1", "told of 1"]
    assert _standing(store, case)[1] == 2
