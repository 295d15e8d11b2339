"""Whether two families may be one: each reason by itself, never a name alone, the same from either side."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.rules.same_family import (
    KnownChild,
    KnownFamily,
    SameReason,
    Strength,
    are_twins,
    births_agree,
    is_referred_child,
    is_same_child,
    possibly_same,
)

TODAY = date(2026, 11, 26)
BORN = date(2025, 3, 4)
MINE, THEIRS = b"mine", b"theirs"


def a_child(name: str | None = "Mateo", born: date | None = BORN, *, exact: bool = True) -> KnownChild:
    return KnownChild(uuid4(), name, born, exact)


def a_family(*children: KnownChild, texts: bytes | None = None, calls: bytes | None = None, contact: str | None = None,
             place: str | None = None) -> KnownFamily:
    return KnownFamily(uuid4(), frozenset({texts} - {None}), frozenset({calls} - {None}), (contact,) if contact else (),
                       place, "en", children)


def reasons(one: KnownFamily, other: KnownFamily) -> set[str]:
    found = possibly_same(one, other, TODAY)
    return set() if found is None else set(found.reasons)


ROWS = [
    ("the same phone to text", a_family(texts=MINE), a_family(texts=MINE), {"phone_to_text"}, "some"),
    ("one phone to text and to call is one reason", a_family(texts=MINE, calls=MINE), a_family(texts=MINE, calls=MINE),
     {"phone_to_text"}, "some"),
    ("the same phone to call", a_family(calls=MINE), a_family(calls=MINE, texts=THEIRS), {"phone_to_call"}, "some"),
    ("texts from the number to call of the other", a_family(texts=MINE), a_family(calls=MINE),
     {"phone_texted_and_called"}, "some"),
    ("the same child", a_family(a_child("Mateo Luis")), a_family(a_child("mateo")), {"child_and_birth"}, "some"),
    ("the same child and contact", a_family(a_child(), contact="Rosa Delgado"), a_family(a_child(), contact="Rosa"),
     {"child_and_birth", "contact_name"}, "strong"),
    ("a nickname, the same mother", a_family(a_child("JJ"), contact="Rosa"), a_family(a_child("Jayden"), contact="Rosa"),
     {"contact_and_birth"}, "some"),
    ("a sibling on the same phone", a_family(a_child(), texts=MINE), a_family(a_child("Ana", date(2023, 1, 9)), texts=MINE),
     {"phone_to_text"}, "some"),
    ("one child the same, another of its birthday, the same mother", a_family(a_child(), a_child("Ana"), contact="Rosa"),
     a_family(a_child(), contact="Rosa"), {"child_and_birth", "contact_name"}, "strong"),
    ("phone and child", a_family(a_child(), calls=MINE), a_family(a_child(), calls=MINE),
     {"phone_to_call", "child_and_birth"}, "strong"),
    ("an age, and the same town", a_family(a_child(exact=False), place="Hartford, CT"),
     a_family(a_child(born=BORN + timedelta(days=40)), place="hartford"), {"child_and_age", "place"}, "some"),
    ("the same ZIP code", a_family(a_child(), place="Park St 06106"), a_family(a_child(), place="06106 Hartford"),
     {"child_and_birth", "place"}, "some"),
    ("phone and age", a_family(a_child(exact=False), texts=MINE), a_family(a_child(), texts=MINE),
     {"phone_to_text", "child_and_age"}, "strong"),
]


@pytest.mark.parametrize(("remark", "one", "other", "expected", "strength"), ROWS, ids=[row[0] for row in ROWS])
def test_each_reason_is_named_with_its_strength(
        remark: str, one: KnownFamily, other: KnownFamily, expected: set[str], strength: str) -> None:
    found = possibly_same(one, other, TODAY)
    assert found is not None and (set(found.reasons), found.strength) == (expected, strength)


@pytest.mark.parametrize(("one", "other"), [
    (a_family(a_child(born=None)), a_family(a_child())),
    (a_family(contact="Rosa Delgado"), a_family(contact="Rosa Delgado")),
    (a_family(a_child(born=None), contact="Rosa Delgado"), a_family(a_child(born=None), contact="Rosa Delgado")),
    (a_family(contact="Rosa", place="06106"), a_family(contact="Rosa", place="06106")),
    (a_family(a_child()), a_family(a_child("Ana"))),
    (a_family(a_child()), a_family(a_child(born=BORN + timedelta(days=1)))),
    (a_family(a_child(exact=False)), a_family(a_child(exact=False))),
    (a_family(a_child(None)), a_family(a_child(None))),
    (a_family(a_child("")), a_family(a_child("..."))),
    (a_family(), a_family()),
])
def test_a_name_alone_or_nothing_is_no_reason(one: KnownFamily, other: KnownFamily) -> None:
    assert possibly_same(one, other, TODAY) is None


def test_the_very_same_row_is_never_suggested() -> None:
    own = a_family(a_child(), texts=MINE, calls=THEIRS, contact="Rosa", place="06106")
    assert possibly_same(own, own, TODAY) is None
    assert possibly_same(own, replace(own, id=uuid4()), TODAY) is not None


def test_an_age_in_years_is_taken_more_loosely_than_one_in_months() -> None:
    baby, toddler = date(2025, 9, 1), date(2022, 6, 1)
    for born, days, agree in ((baby, 60, True), (baby, 90, False), (toddler, 300, True), (toddler, 400, False)):
        told, dated = a_child(born=born, exact=False), a_child(born=born - timedelta(days=days))
        assert births_agree(told, dated, TODAY) is agree


def test_twins_are_two_children_of_one_day_told_as_a_date() -> None:
    ana, luis = a_child("Ana"), a_child("Luis")
    assert are_twins(ana, luis) and not are_twins(ana, ana)
    assert not are_twins(ana, replace(luis, exact=False)) and not are_twins(ana, replace(luis, born=None))


def test_a_child_is_the_same_by_name_and_date_only() -> None:
    assert is_same_child(a_child("Mateo Luis"), a_child("luis MATÉO"))
    assert not is_same_child(a_child("Ana"), a_child("Ana Lucía"))  # twins may be called so
    assert not is_same_child(a_child("…"), a_child("…"))
    assert not is_same_child(a_child(), a_child(exact=False))
    assert not is_same_child(a_child("Ana"), a_child("Luis"))


names = st.one_of(st.none(), st.sampled_from(["Mateo", "Mateo Luis", "Ana", "Rosa Delgado", "ana rosa", "", "…"]), st.text())
births = st.one_of(st.none(), st.sampled_from([BORN, BORN + timedelta(days=20)]), st.dates(date(2017, 1, 1), TODAY))
children = st.builds(KnownChild, st.uuids(), names, births, st.booleans())
phones = st.frozensets(st.sampled_from([MINE, THEIRS, b"third"]), max_size=2)
families = st.builds(KnownFamily, st.uuids(), phones, phones, st.lists(names.filter(bool), max_size=2).map(tuple),
                     st.one_of(st.none(), st.sampled_from(["06106", "Hartford CT"]), st.text()), st.sampled_from(["en", "es"]),
                     st.lists(children, max_size=3).map(tuple))


@given(families, families)
def test_it_is_the_same_from_either_side(one: KnownFamily, other: KnownFamily) -> None:
    assert possibly_same(one, other, TODAY) == possibly_same(other, one, TODAY)


@given(families, families)
def test_every_suggestion_has_a_reason_that_is_no_bare_name(one: KnownFamily, other: KnownFamily) -> None:
    found = possibly_same(one, other, TODAY)
    if found is not None:
        assert set(found.reasons) - {SameReason.CONTACT_NAME, SameReason.PLACE}
        assert found.strength in set(Strength) and len(set(found.reasons)) == len(found.reasons)


@given(families, families)
def test_without_a_phone_or_a_birth_date_in_common_nothing_is_suggested(one: KnownFamily, other: KnownFamily) -> None:
    def bare(family: KnownFamily) -> KnownFamily:
        return replace(family, texts=frozenset(), calls=frozenset(),
                       children=tuple(replace(child, born=None) for child in family.children))

    assert possibly_same(bare(one), bare(other), TODAY) is None


@given(families)
def test_no_family_is_suggested_to_itself(family: KnownFamily) -> None:
    assert isinstance(family.id, UUID) and reasons(family, family) == set()


@pytest.mark.parametrize(("told", "is_it"), [
    (a_child("Mateo"), True), (a_child("M"), True), (a_child("M.L."), True), (a_child("J."), False), (a_child(None), True),
    (a_child("Leo"), False), (a_child("M", BORN - timedelta(days=40), exact=False), True),
    (a_child("Mateo", BORN - timedelta(days=400), exact=False), False), (a_child("Mateo", None), False)])
def test_a_child_that_somebody_else_told_of_is_known_by_name_or_initials_and_age(told: KnownChild, is_it: bool) -> None:
    assert is_referred_child(a_child("Mateo Luis"), told, TODAY) is is_it
