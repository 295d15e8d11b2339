"""Clearing a flag: what was done is said, the case leaves the queue with its last flag, the same words do not raise it again."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from intake.rules.clearing import ClearedBecause
from intake.store.connection import Store
from intake.store.models import Conversation, Flag
from tests.console.desk import Desk, audit_lines
from tests.console.made_up_families import MadeUpCase, a_case


@pytest.fixture
def case(store: Store) -> MadeUpCase:
    return a_case(store)


def flags(store: Store) -> list[Flag]:
    with store.reading() as session:
        return list(session.scalars(select(Flag).order_by(Flag.code, Flag.raised_at)))


def at(case: MadeUpCase, flag: UUID, deed: str) -> str:
    return f"/cases/{case.conversation}/flags/{flag}/{deed}"


def clears(desk: Desk, case: MadeUpCase, flag: UUID, because: str = "talked_with_family") -> int:
    desk.get(f"/cases/{case.conversation}")
    return desk.post(at(case, flag, "clear"), {"because": because}).status_code


def conversation(store: Store) -> Conversation:
    with store.reading() as session:
        return session.scalars(select(Conversation)).one()


def test_a_case_leaves_the_queue_with_its_last_flag(desk: Desk, case: MadeUpCase, store: Store) -> None:
    standing = flags(store)
    assert len(standing) > 1 and case.receipt in desk.get("/").text
    assert clears(desk, case, standing[0].id) == 303
    assert case.receipt in desk.get("/").text
    assert [clears(desk, case, flag.id) for flag in standing[1:]] == [303] * (len(standing) - 1)
    assert case.receipt not in desk.get("/").text
    row = conversation(store)
    assert (row.flagged, row.flagged_at, row.urgency) == (False, None, "none")


def test_who_cleared_it_and_why_is_kept_and_shown(desk: Desk, case: MadeUpCase, store: Store, ines: int) -> None:
    flag = flags(store)[0].id
    clears(desk, case, flag, "misread")
    row = next(row for row in flags(store) if row.id == flag)
    assert (row.cleared_by, row.cleared_because) == (ines, "misread")
    assert "the agent misread it" in desk.get(f"/cases/{case.conversation}").text
    assert [(line.actor, line.detail) for line in audit_lines(store, "flag.cleared")] == [(f"staff:{ines}", "misread")]


def test_a_flag_is_put_back_once(desk: Desk, case: MadeUpCase, store: Store) -> None:
    for flag in flags(store):
        clears(desk, case, flag.id)
    first = flags(store)[0].id
    for _ in range(2):
        assert desk.post(at(case, first, "put-back")).status_code == 303
    assert [row.id for row in flags(store) if row.cleared_at is None] == [first]
    assert conversation(store).flagged and len(audit_lines(store, "flag.put_back")) == 1


@pytest.mark.parametrize("because", ["", "because", "<script>"])
def test_what_was_done_must_be_said(desk: Desk, case: MadeUpCase, store: Store, because: str) -> None:
    flag = flags(store)[0].id
    desk.get(f"/cases/{case.conversation}")
    answer = desk.post(at(case, flag, "clear"), {"because": because})
    assert answer.status_code == 422 and "Say what was done" in answer.text
    assert all(row.cleared_at is None for row in flags(store))


def test_cleared_twice_it_stays_as_it_was_cleared_first(desk: Desk, case: MadeUpCase, store: Store) -> None:
    flag = flags(store)[0].id
    assert [clears(desk, case, flag, because) for because in ("safe_now", "safe_now", "misread")] == [303, 303, 409]
    assert next(row for row in flags(store) if row.id == flag).cleared_because == "safe_now"


def test_a_flag_of_another_case_is_not_found(desk: Desk, case: MadeUpCase, store: Store) -> None:
    other = a_case(store)
    with store.reading() as session:
        foreign = session.scalars(select(Flag.id).where(Flag.conversation_id == other.conversation)).first()
    assert foreign is not None
    assert [clears(desk, case, flag) for flag in (foreign, uuid4())] == [404, 404]
    assert desk.post(at(case, foreign, "put-back")).status_code == 404


def test_every_reason_has_words_in_both_languages(desk: Desk, case: MadeUpCase) -> None:
    page = desk.get(f"/cases/{case.conversation}").text
    assert all(f'value="{because}"' in page for because in ClearedBecause)


def test_sorting_a_worry_brings_back_nothing_that_was_cleared(desk: Desk, case: MadeUpCase, store: Store) -> None:
    for flag in flags(store):
        clears(desk, case, flag.id)
    sorted_anew = {"domain": ["language_communication", "sleep"], "shown": ["language_communication"]}
    assert desk.post(f"/cases/{case.conversation}/worries/{case.first_message}/domains", sorted_anew).status_code == 303
    assert [(row.code, row.item) for row in flags(store) if row.cleared_at is None] == [("worry", "sleep")]


def test_putting_back_gives_no_new_deadline(desk: Desk, case: MadeUpCase, store: Store) -> None:
    first = flags(store)[0]
    for flag in flags(store):
        clears(desk, case, flag.id)
    desk.post(at(case, first.id, "put-back"))
    assert conversation(store).flagged_at == first.raised_at
