"""Who writes is read from own words of either language; who is only named in them is never taken for the writer."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.content.messages import load_messages
from intake.rules.choices import Option
from intake.rules.relation import RelationReader, Told
from intake.settings import ROOT

PARENT, GUARDIAN, RELATIVE, NO_GUARDIAN = Told("parent"), Told("parent", True), Told("family"), Told("family", False)
DOCTOR, TEACHER = Told("provider"), Told("child_care")


@cache
def _reader() -> RelationReader:
    answers = load_messages(ROOT / "content").choices["relation"]
    return RelationReader([Option(one.code, (one.label.en, one.label.es, *one.words)) for one in answers])


ROWS = [
    ("mom", PARENT), ("im his mom", PARENT), ("yo soy la madre", PARENT), ("dad here", PARENT), ("she is my daughter", PARENT),
    ("es mi hijo", PARENT), ("1", PARENT), ("Mamá, papá o tutor", GUARDIAN), ("mommy", PARENT),
    ("foster mom", GUARDIAN), ("soy madre de acogida", GUARDIAN), ("legal guardian", GUARDIAN), ("gaurdian", GUARDIAN),
    ("grandma, I have custody", GUARDIAN), ("grandma i have custody of him", GUARDIAN), ("tengo la custodia legal", GUARDIAN),
    ("abuela y tengo la custodia", GUARDIAN), ("legal custody", GUARDIAN), ("soy la tutora", GUARDIAN),
    ("soy la abuela", RELATIVE), ("tía que lo cuida", RELATIVE), ("soy la hermana de la mamá", RELATIVE),
    ("mom's sister", RELATIVE),
    ("no soy la mamá, soy la tía", RELATIVE), ("I'm not his mom I'm his aunt", RELATIVE), ("mi nieto", RELATIVE),
    ("I am raising my grandson", RELATIVE), ("stepdad", RELATIVE), ("gradmother", RELATIVE), ("abuelta", RELATIVE),
    ("2", RELATIVE),
    ("abuela, no tengo la custodia", NO_GUARDIAN), ("grandma but her mom has custody", NO_GUARDIAN),
    ("abuela pero su mamá tiene la custodia", NO_GUARDIAN),
    ("I'm his pediatrician", DOCTOR), ("home visitor", DOCTOR), ("dr", DOCTOR), ("pediatrican", DOCTOR),
    ("soy su pediatra", DOCTOR),
    ("her mom asked me to write I'm the nurse at the clinic", DOCTOR),
    ("I'm her caseworker, the state has guardianship", DOCTOR),
    ("his teacher", TEACHER), ("techer", TEACHER), ("maestra de head start", TEACHER), ("Niñera", TEACHER), ("4", TEACHER),
    ("I'm her teacher, her mom asked me", TEACHER), ("soy la maestra y su mamá me pidió", TEACHER),
]


@pytest.mark.parametrize(("text", "told"), ROWS)
def test_who_writes_is_read_in_own_words(text: str, told: Told) -> None:
    assert _reader().read(text) == told


@pytest.mark.parametrize("text", [
    "my mom says he doesnt talk", "mi mamá dice que no habla", "mom and grandma", "I'm a friend of his mom", "amiga de la mamá",
    "Im the moms friend", "her sister told me to text", "hello", "9", "", "his mom knows", "su mamá dice que sí",
    "she has a tumor", "he used to say mama and now he stopped", "antes decía mamá y ya no", "ya no dice papá",
    "his only word is mama", "la única palabra es mamá"])
def test_who_is_only_named_is_not_the_writer(text: str) -> None:
    assert _reader().read(text) is None


@pytest.mark.parametrize(("text", "told"), [
    ("actually I am the mother", PARENT), ("en realidad soy la mamá", PARENT), ("wait, I'm his legal guardian", GUARDIAN),
    ("sorry I'm the teacher", TEACHER), ("her mom knows", None), ("my mom", None), ("860-555-0142", None), ("soy Rosa", None),
    ("I'm not the mother", None), ("no soy la mamá", None), ("I am a friend of the mother", None)])
def test_beside_another_question_only_what_is_said_outright_counts(text: str, told: Told | None) -> None:
    assert _reader().says_of_oneself(text) == told


@pytest.mark.parametrize(("text", "said"), [
    ("I have custody", True), ("soy la tutora legal", True), ("no, the custody is with her mom", False),
    ("no tengo la custodia", False), ("her mom has custody", False), ("he walks", None)])
def test_custody_counts_when_it_is_the_writers(text: str, said: bool | None) -> None:
    assert _reader().guardianship(text) is said


@given(st.sampled_from(ROWS),
       st.sampled_from([str.upper, str.lower, str.title, lambda text: f"  {text} ", lambda text: text + "!"]))
def test_capitals_and_blanks_change_nothing(row: tuple[str, Told], spelled: object) -> None:
    text, told = row
    assert callable(spelled) and _reader().read(spelled(text)) == told


@given(
    st.sampled_from(["grandmother", "grandfather", "pediatrician", "therapist", "guardian", "enfermera", "preschool"]),
    st.data())
def test_one_swapped_pair_of_letters_is_read_all_the_same(word: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(1, len(word) - 2))
    slip = word[:place] + word[place + 1] + word[place] + word[place + 2:]
    assert _reader().read(slip) == _reader().read(word) is not None


@given(st.text(max_size=80))
def test_whatever_is_written_is_placed_in_the_list_or_not_at_all(text: str) -> None:
    told = _reader().read(text)
    assert told is None or told.code in {"parent", "family", "provider", "child_care"}
    assert told is None or told.guardian is None or told.code in {"parent", "family"}


@given(st.sampled_from(["his mom", "her dad", "su mamá", "su papá"]), st.sampled_from(["says", "dice", "told me", "quiere"]))
def test_a_parent_who_is_said_to_have_spoken_is_not_writing(parent: str, verb: str) -> None:
    assert _reader().read(f"{parent} {verb} so") is None
