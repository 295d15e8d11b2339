"""A need is known by a parent's own words: whole phrases, in either language, and never one that is denied."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.rules.needs import DENIALS, NeedPhrases, phrase_of

PHRASES = NeedPhrases.of({"homes": ["peeling paint", "pintura vieja", "no food"], "asthma": ["inhaler", "inhalador"],
                          "none": ["!"]})
PLAIN_WORDS = st.lists(st.text(alphabet="abcdefgh ", min_size=1, max_size=8).filter(
    lambda word: not DENIALS & set(word.split())), max_size=6).map(" ".join)


@pytest.mark.parametrize(("text", "programs"), [
    ("there is PEELING  paint by the crib", ("homes",)), ("hay pintura   vieja", ("homes",)), ("Inhaler!", ("asthma",)),
    ("usa el inhalador por la noche y hay pintura vieja", ("asthma", "homes")), ("peeling, paint", ()), ("repeeling paint", ()),
    ("peeling paints", ()), ("", ()), ("?!", ())])
def test_whole_words_side_by_side_are_found_however_they_are_written(text: str, programs: tuple[str, ...]) -> None:
    assert PHRASES.programs_in([text]) == programs


@pytest.mark.parametrize("text", [
    "there is no peeling paint", "we do not have any peeling paint", "no hay pintura vieja", "sin pintura vieja",
    "he doesnt need an inhaler", "he doesn't use the inhaler", "nunca usó un inhalador", "ya no usa el inhalador"])
def test_what_is_denied_is_no_need(text: str) -> None:
    assert PHRASES.programs_in([text]) == ()


@pytest.mark.parametrize("text", [
    "no, there is peeling paint", "he does not sleep. peeling paint in his room", "we have no food"])
def test_a_denial_reaches_no_further_than_its_clause_and_may_be_part_of_the_phrase(text: str) -> None:
    assert PHRASES.programs_in([text]) == ("homes",)


def test_each_program_comes_once_in_the_order_in_which_the_texts_bring_it_up() -> None:
    assert PHRASES.programs_in(["an inhaler", "peeling paint", "inhalador"]) == ("asthma", "homes")


@given(PLAIN_WORDS, PLAIN_WORDS)
def test_among_any_other_words_a_phrase_is_found_and_denied_it_is_not(before: str, after: str) -> None:
    assert "asthma" in PHRASES.programs_in([f"{before} inhaler {after}"])
    assert PHRASES.programs_in([f"{before} not inhaler {after}"]) == ()


@given(st.text(max_size=60))
def test_any_text_at_all_can_be_looked_through(text: str) -> None:
    assert set(PHRASES.programs_in([text])) <= {"homes", "asthma"}
    assert all(phrase_of(text)) or phrase_of(text) == ()
