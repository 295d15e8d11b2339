"""Search by phone, case number or name (S9): exact, limited, written down by kind, and in no address and no log."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import event, select, update

from intake.store.connection import Store
from intake.store.models import Child, Family
from intake.store.name_index import name_marks
from intake.usecases.searching import MOST_FOUND, SearchKind, mark_names, search
from tests.console.desk import Desk, audit_lines
from tests.console.made_up_families import MadeUpCase, a_case


def _found(desk: Desk, typed: str) -> list[str]:
    desk.get("/search")
    answer = desk.post("/search", {"looked_for": typed})
    assert answer.status_code == 200
    return re.findall(r">(HMG-T\d+)<", answer.text)


def _kind(store: Store) -> str | None:
    return audit_lines(store, "case.searched")[-1].detail


@pytest.mark.parametrize("typed", ["+18605550142", "860-555-0142", "(860) 555 0142", " 1 860.555.0142 ", "8605550142"])
def test_a_case_is_found_by_its_whole_phone_however_written(desk: Desk, store: Store, typed: str) -> None:
    case = a_case(store)
    assert _found(desk, typed) == [case.receipt] and _kind(store) == "phone"


@pytest.mark.parametrize("typed", ["860 555 0143", "555-0142", "5550142", "0142"])
def test_another_phone_or_a_part_of_one_finds_nothing(desk: Desk, store: Store, typed: str) -> None:
    a_case(store)
    assert _found(desk, typed) == []


def test_a_case_number_needs_neither_case_nor_dash(desk: Desk, store: Store) -> None:
    case, _ = a_case(store), a_case(store)
    code = case.receipt.removeprefix("HMG-")
    for typed in (case.receipt, case.receipt.lower(), f"hmg {code}", f"HMG{code}", f"  hmg-{code.lower()} ", code):
        assert _found(desk, typed) == [case.receipt], typed
        assert _kind(store) == "number"
    assert _found(desk, case.receipt[:-1]) == [] and _found(desk, case.receipt + "0") == []


@pytest.mark.parametrize(
    "typed", ["Mateo", "mateo luis", "LUIS", "Rosa", "rosa delgado", "Delgado Ortiz", "delgado-ortiz", "Matéo"]
)
def test_a_name_of_the_child_or_the_contact_finds_the_case(desk: Desk, store: Store, typed: str) -> None:
    case = a_case(store, child_name="Mateo Luis")
    assert _found(desk, typed) == [case.receipt] and _kind(store) == "name"


@pytest.mark.parametrize("typed", ["Mate", "ateo", "Mateo Delgado", "Mateos", "Rosa Luis"])
def test_a_part_of_a_name_or_names_of_two_people_find_nothing(desk: Desk, store: Store, typed: str) -> None:
    a_case(store, child_name="Mateo Luis")
    assert _found(desk, typed) == []


@pytest.mark.parametrize(
    "typed",
    ["*", "%", "_", ".*", "^M", "M.*", "(a+)+$", "Mat[e]o", "' or 1=1 --", "\x00", "\\", "$$", "a" * 10_000, "Mateo " * 1_666,
     "(" * 10_000, "8" * 10_000, "a b c d e f g h i j"],
    ids=lambda typed: f"{typed[:8]!r}{len(typed)}",
)
def test_s09_patterns_and_floods_are_text_that_finds_nothing(desk: Desk, store: Store, typed: str) -> None:
    a_case(store, child_name="Mateo Luis")
    assert _found(desk, typed) == []


def test_s09_no_more_than_a_hundred_are_shown_the_newest_first(desk: Desk, store: Store) -> None:
    for _ in range(MOST_FOUND + 2):
        a_case(store, child_name="Sofia")
    found = _found(desk, "sofia")
    assert len(found) == MOST_FOUND == 100 and found == sorted(found, key=lambda number: -int(number[5:]))
    assert "more cases than are shown" in desk.post("/search", {"looked_for": "sofia"}).text


def test_an_empty_search_looks_for_nothing_and_leaves_no_line(desk: Desk, store: Store) -> None:
    a_case(store)
    assert _found(desk, "   ") == [] and audit_lines(store, "case.searched") == []


def test_each_search_leaves_a_line_with_its_kind_and_never_its_words(
    desk: Desk, store: Store, ines: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    case = a_case(store, child_name="Mateo Luis")
    for typed in ("860 555 0142", case.receipt, "Mateo"):
        _found(desk, typed)
    lines = audit_lines(store, "case.searched")
    assert [(line.actor, line.detail, line.object_id) for line in lines] == [
        (f"staff:{ines}", kind, None) for kind in ("phone", "number", "name")
    ]
    for private in ("Mateo", "mateo", "555 0142", "5550142"):
        assert private not in caplog.text, private


def test_words_searched_for_stand_in_no_address_and_not_in_the_field_again(desk: Desk, store: Store) -> None:
    case = a_case(store, child_name="Mateo Luis")
    assert desk.get("/search?looked_for=Mateo").text.count(case.receipt) == 0
    desk.get("/search")
    page = desk.post("/search", {"looked_for": "Mateo"}).text
    assert '<form method="post" action="/search"' in page
    assert "Mateo" not in page and "M. L." in page and "Delgado" not in page


def test_a_name_corrected_later_is_found_by_the_new_one_alone(desk: Desk, store: Store) -> None:
    case = a_case(store, child_name="Mateo")
    with store.transaction() as session:
        session.get_one(Child, case.child).name = "Amaro"
    assert _found(desk, "Mateo") == [] and _found(desk, "amaro") == [case.receipt]
    with store.transaction() as session:
        session.get_one(Child, case.child).name = None
    assert _found(desk, "amaro") == []
    with store.reading() as session:
        assert session.get_one(Child, case.child).name_marks is None


def test_the_marks_of_a_name_say_nothing_without_the_key_and_are_shared_by_others(store: Store, database_url: str) -> None:
    marks = {mark for number in range(3_000) for mark in name_marks(store.keys, f"name{number}")}
    assert len(marks) < 3_000 and all(0 <= mark < 2**16 for mark in marks)
    assert name_marks(store.keys, "Mateo Luis") == name_marks(store.keys, "luis, MATEO")


def test_another_name_with_the_same_mark_is_not_shown(store: Store, ines: int) -> None:
    case = a_case(store, child_name="Mateo")
    with store.transaction() as session:
        session.execute(update(Child).where(Child.id == case.child).values(name_marks=name_marks(store.keys, "Noah")))
    assert search(store, "Noah", ines, "HMG").cases == ()


def test_names_from_before_there_were_marks_are_marked_once(store: Store, ines: int) -> None:
    cases = [a_case(store, child_name="Mateo") for _ in range(3)]
    with store.transaction() as session:
        session.execute(update(Child).values(name_marks=None))
        session.execute(update(Family).values(contact_name_marks=None))
    assert search(store, "Mateo", ines, "HMG").cases == ()
    assert mark_names(store, at_once=2) == 6 and mark_names(store) == 0
    assert len(search(store, "mateo", ines, "HMG").cases) == len(search(store, "rosa", ines, "HMG").cases) == len(cases)


@pytest.mark.parametrize("typed", ["860 555 0142", "Mateo", "HMG-T1"])
def test_the_number_of_queries_of_a_search_does_not_grow(store: Store, ines: int, typed: str) -> None:
    def queries() -> int:
        seen: list[str] = []

        def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
            seen.append(statement)

        event.listen(store.engine, "before_cursor_execute", note)
        search(store, typed, ines, "HMG")
        event.remove(store.engine, "before_cursor_execute", note)
        return len(seen)

    a_case(store, child_name="Mateo")
    few = queries()
    for _ in range(12):
        a_case(store, child_name="Mateo")
    assert queries() == few < 10


def test_a_case_that_nothing_flags_is_found_too(store: Store, ines: int) -> None:
    case: MadeUpCase = a_case(store, child_name="Mateo", flagged=False)
    found = search(store, "Mateo", ines, "HMG")
    assert found.kind is SearchKind.NAME and [row.conversation_id for row in found.cases] == [case.conversation]


def test_a_name_that_looks_like_a_case_number_is_searched_as_a_name(store: Store, ines: int) -> None:
    case = a_case(store, child_name="Mateo")
    assert [row.conversation_id for row in search(store, "Mateo", ines, "MA").cases] == [case.conversation]
    with store.reading() as session:
        assert session.scalar(select(Child.id)) == case.child
