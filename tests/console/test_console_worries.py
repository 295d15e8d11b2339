"""Staff correct the domains of a worry from the case page; the family's words stay."""

from __future__ import annotations

from uuid import uuid4

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from intake.store.connection import Store
from intake.store.models import Concern, Conversation, Flag
from tests.console.desk import Desk, audit_lines
from tests.console.made_up_families import MadeUpCase, a_case

WORDS = "he only says two words"


def _sort(desk: Desk, case: MadeUpCase, domains: list[str], shown: list[str]) -> TestResponse:
    desk.get(f"/cases/{case.conversation}")
    return desk.post(f"/cases/{case.conversation}/worries/{case.first_message}/domains", {"domain": domains, "shown": shown})


def _concerns(store: Store, case: MadeUpCase) -> list[Concern]:
    with store.reading() as session:
        return list(session.scalars(select(Concern).where(Concern.conversation_id == case.conversation)))


def _flags(store: Store, case: MadeUpCase) -> set[tuple[str, str | None]]:
    with store.reading() as session:
        query = select(Flag).where(Flag.conversation_id == case.conversation, Flag.cleared_at.is_(None))
        return {(flag.code, flag.item) for flag in session.scalars(query)}


def test_the_domains_change_and_the_words_stay(desk: Desk, store: Store, ines: int) -> None:
    case = a_case(store, worry=WORDS)
    answer = _sort(desk, case, ["hearing_vision", "sleep"], ["language_communication"])
    assert answer.status_code == 303
    rows = {(row.domain, row.coded_by, row.withdrawn_at is None, row.words) for row in _concerns(store, case)}
    assert rows == {
        ("language_communication", "agent", False, WORDS),
        ("hearing_vision", "staff", True, WORDS),
        ("sleep", "staff", True, WORDS),
    }
    assert {("worry", "hearing_vision"), ("worry", "sleep")} <= _flags(store, case)
    assert ("worry", "language_communication") not in _flags(store, case)
    line = audit_lines(store, "concern.recoded")[0]
    assert (line.actor, line.detail) == (f"staff:{ines}", "language_communication to hearing_vision, sleep")
    page = desk.get(f"/cases/{case.conversation}").text
    assert WORDS in page and "hearing or seeing" in page


def test_a_worry_can_be_left_unsorted_and_is_still_a_worry(desk: Desk, store: Store, ines: int) -> None:
    case = a_case(store)
    assert _sort(desk, case, [], ["language_communication"]).status_code == 303
    assert [row.domain for row in _concerns(store, case) if row.withdrawn_at is None] == [None]
    assert ("worry", None) in _flags(store, case)


def test_sorted_under_lost_skills_the_case_is_urgent_and_stays_so(desk: Desk, store: Store, ines: int) -> None:
    case = a_case(store)
    _sort(desk, case, ["language_communication", "regression"], ["language_communication"])
    _sort(desk, case, ["language_communication"], ["language_communication", "regression"])
    assert ("lost_skill", None) in _flags(store, case)
    with store.reading() as session:
        assert session.get_one(Conversation, case.conversation).urgency == "urgent"


def test_who_comes_second_sees_it_and_loses_nothing(desk: Desk, store: Store, ines: int) -> None:
    case = a_case(store)
    _sort(desk, case, ["sleep"], ["language_communication"])
    answer = _sort(desk, case, ["behavior"], ["language_communication"])
    assert answer.status_code == 409
    assert "A colleague sorted this worry" in answer.text and 'value="behavior" checked' in answer.text
    assert [row.domain for row in _concerns(store, case) if row.withdrawn_at is None] == ["sleep"]


@pytest.mark.parametrize(("domains", "status"), [(["<script>"], 422), (["language_communication", "x"], 422)])
def test_an_unknown_domain_changes_nothing(desk: Desk, store: Store, ines: int, domains: list[str], status: int) -> None:
    case = a_case(store)
    assert _sort(desk, case, domains, ["language_communication"]).status_code == status
    assert [row.domain for row in _concerns(store, case)] == ["language_communication"]


def test_a_message_without_a_worry_is_not_found(desk: Desk, store: Store, ines: int) -> None:
    case = a_case(store)
    desk.get(f"/cases/{case.conversation}")
    answer = desk.post(f"/cases/{case.conversation}/worries/{uuid4()}/domains", {"domain": ["sleep"]})
    assert answer.status_code == 404
