"""The queue: whom to call first, why in whose words, and no more about a family than choosing takes."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import event

from console.queue import PAGE_ROWS
from intake.rules.triage import Urgency
from intake.store.connection import Store
from intake.store.models import Flag
from tests.console.desk import Desk, audit_lines
from tests.console.made_up_families import PHONE, POINTS, a_case

HOUR = timedelta(hours=1)


def _order(page: str) -> list[str]:
    return re.findall(r">(HMG-T\d+)<", page)


def test_the_gravest_case_comes_first_and_then_the_longest_waiting(desk: Desk, store: Store) -> None:
    new_standard = a_case(store, urgency=Urgency.STANDARD, waiting=1 * HOUR)
    old_standard = a_case(store, urgency=Urgency.STANDARD, waiting=90 * HOUR)
    urgent = a_case(store, urgency=Urgency.URGENT, waiting=2 * HOUR)
    new_emergency = a_case(store, urgency=Urgency.EMERGENCY, waiting=HOUR / 6)
    old_emergency = a_case(store, urgency=Urgency.EMERGENCY, waiting=HOUR / 2)
    expected = [old_emergency, new_emergency, urgent, old_standard, new_standard]
    assert _order(desk.get("/").text) == [case.receipt for case in expected]


def test_each_row_says_why_in_words_and_shows_the_very_line(desk: Desk, store: Store) -> None:
    a_case(
        store,
        urgency=Urgency.URGENT,
        worry="she stopped waving bye",
        channel="web",
        language="es",
        waiting=timedelta(hours=3, minutes=20, seconds=30),
    )
    page = desk.get("/").text
    for part in (
        "Urgent",
        "Has stopped doing something the child could do",
        "she stopped waving bye",
        "Not yet: points so that others look at something too",
        "no he does not do that",
        "Spanish",
        "web chat",
        "3 h 20 min",
        "Birth to Three: Ready to send",
    ):
        assert part in page, part


def test_the_most_telling_reasons_come_first_and_the_rest_is_counted(desk: Desk, store: Store) -> None:
    case = a_case(store, worry="he stopped talking", urgency=Urgency.STANDARD)
    with store.transaction() as session:
        for code, urgency in (
            ("not_yet", "standard"),
            ("needs_not_met", "standard"),
            ("lost_skill", "urgent"),
        ):
            session.add(Flag(conversation_id=case.conversation, code=code, rule="T", urgency=urgency))
    page = desk.get("/").text
    reasons = re.findall(r'class="reason">([^<:]+)', page)
    assert reasons == [
        "Has stopped doing something the child could do",
        "Worry",
        "Did not get what they needed",
    ]
    assert "and 2 more reasons" in page


def test_a_row_shows_initials_and_age_and_neither_name_nor_phone(desk: Desk, store: Store) -> None:
    a_case(store, child_name="Mateo Luis", worry="please call 860 555 0142 after five")
    page = desk.get("/").text
    assert "M. L." in page and "months" in page
    for private in ("Mateo", "Delgado", "555 0142", PHONE):
        assert private not in page, private
    assert "••• ••• 0142" in page


def test_a_conversation_that_nothing_flags_is_not_in_the_queue(desk: Desk, store: Store) -> None:
    hidden = a_case(store, flagged=False)
    assert hidden.receipt not in desk.get("/").text


def test_a_code_this_program_does_not_know_is_shown_as_it_is(desk: Desk, store: Store) -> None:
    case = a_case(store)
    with store.transaction() as session:
        session.add(
            Flag(conversation_id=case.conversation, code="from_the_future", rule="Z9", urgency="standard")
        )
    assert "Other reason (from_the_future)" in desk.get("/").text


def test_filters_narrow_the_list_and_the_counts_stay(desk: Desk, store: Store) -> None:
    urgent = a_case(store, urgency=Urgency.URGENT, language="en")
    spanish = a_case(store, urgency=Urgency.STANDARD, language="es")
    assert _order(desk.get("/?urgency=urgent").text) == [urgent.receipt]
    assert _order(desk.get("/?language=es").text) == [spanish.receipt]
    nothing = desk.get("/?urgency=urgent&language=es").text
    assert "Nobody is waiting with this filter." in nothing and "2 flagged conversations" in nothing


@pytest.mark.parametrize(
    "query",
    [
        "urgency=none",
        "urgency=%27%3B--",
        "language=xx",
        "program=%27%3B--",
        "program=" + "a" * 400,
        "program=",
        "page=0",
        "page=-1",
        "page=9999999",
        "page=%F0%9F%91%B6",
        "page=" + "9" * 400,
    ],
)
def test_a_nonsense_address_shows_the_queue(desk: Desk, store: Store, query: str) -> None:
    case = a_case(store)
    answer = desk.get(f"/?{query}")
    assert answer.status_code == 200 and _order(answer.text) == [case.receipt]


def test_a_long_queue_comes_in_pages_that_miss_nobody(desk: Desk, store: Store) -> None:
    cases = [a_case(store, waiting=timedelta(minutes=number)) for number in range(PAGE_ROWS + 3)]
    first, second = desk.get("/").text, desk.get("/?page=2").text
    assert "Page 1 of 2" in first and "Page 2 of 2" in second
    assert _order(first) + _order(second) == [case.receipt for case in reversed(cases)]


def test_the_number_of_queries_does_not_grow_with_the_rows(desk: Desk, store: Store) -> None:
    a_case(store)
    few = _queries(desk, store)
    for _ in range(12):
        a_case(store, urgency=Urgency.URGENT)
    assert _queries(desk, store) == few < 15


def _queries(desk: Desk, store: Store) -> int:
    seen: list[str] = []

    def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
        seen.append(statement)

    event.listen(store.engine, "before_cursor_execute", note)
    assert desk.get("/").status_code == 200
    event.remove(store.engine, "before_cursor_execute", note)
    return len(seen)


def test_looking_at_the_queue_leaves_a_line(desk: Desk, store: Store, ines: int) -> None:
    desk.get("/")
    assert [(line.actor, line.detail) for line in audit_lines(store, "queue.viewed")] == [
        (f"staff:{ines}", "page 1")
    ]


def test_the_queue_speaks_spanish_when_asked_to(desk: Desk, store: Store) -> None:
    a_case(store, urgency=Urgency.URGENT)
    desk.get("/")
    assert desk.post("/language", {"language": "es", "back": "/"}).location == "/"
    page = desk.get("/").text
    assert '<html lang="es">' in page
    for part in (
        "Casos en espera",
        "Urgente",
        "Dejó de hacer algo que antes hacía",
        "Cerrar sesión",
        "Todavía no: señala algo para que otros también lo vean",
    ):
        assert part in page, part


def test_milestone_used_by_the_builder_is_a_real_one(desk: Desk, store: Store) -> None:
    a_case(store)
    assert POINTS not in desk.get("/").text
