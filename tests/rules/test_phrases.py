"""The pattern language of the word lists, and typing errors in weighty words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.rules.phrases import LOOK_ALIKE, PatternError, PhraseBook
from intake.rules.spelling import SpellingIndex, edits_between
from intake.rules.words import fold, tokens_of, unstretched, words_of


def book(*lines: str, look_alikes: tuple[str, ...] = ()) -> PhraseBook:
    return PhraseBook(
        {"danger": lines, LOOK_ALIKE: look_alikes},
        sets={"pet": ["cat", "dog"]},
        fillers=["the", "a"],
        misspelled=["swallowed", "battery"],
        not_misspelled=["batter"],
    )


ROWS = [
    ("words in order", "cat sat", "the cat sat", True),
    ("not in the other order", "cat sat", "sat cat", False),
    ("a filler between", "cat sat", "cat the sat", True),
    ("another word between", "cat sat", "cat quickly sat", False),
    ("a gap takes three words", "cat .. sat", "cat one two three sat", True),
    ("a gap takes no more", "cat .. sat", "cat one two three four sat", False),
    ("either word", "cat|dog sat", "dog sat", True),
    ("a set", "{pet} sat", "dog sat", True),
    ("a beginning", "sit*", "sitting", True),
    ("parts in either order", "cat + sat down", "sat down near my cat", True),
    ("parts not across sentences", "cat + sat", "a cat. she sat", False),
    ("parts not too far apart", "cat + sat", "cat " + "one " * 12 + "sat", False),
    ("side by side not across a comma", "cat sat", "cat, sat", False),
    ("a gap may bridge a comma", "cat .. sat", "cat, she sat", True),
    ("capitals, accents, apostrophes", "cant pájaro", "CAN’T Pajaro", True),
    ("one error in a short word", "battery", "batery", True),
    ("two errors in a long word", "swallowed", "swalowd", True),
    ("a good word is no error", "battery", "batter", False),
    ("the first letter must be right", "battery", "cattery", False),
]


@pytest.mark.parametrize(("remark", "pattern", "text", "found"), ROWS, ids=[row[0] for row in ROWS])
def test_a_pattern_means_what_the_page_says(remark: str, pattern: str, text: str, found: bool) -> None:
    assert book(pattern).finds(text) is found, remark


def test_what_a_look_alike_covers_is_not_seen_but_the_rest_is() -> None:
    with_look_alike = book("cat", look_alikes=("cat food",))
    assert not with_look_alike.finds("cat food")
    assert with_look_alike.finds("cat food for the cat")


@pytest.mark.parametrize("pattern", ["{zoo} sat", "cat + ", "the a", "the cat"])
def test_a_pattern_that_cannot_be_meant_is_refused(pattern: str) -> None:
    with pytest.raises(PatternError):
        book(pattern)


def test_a_stretched_word_is_known() -> None:
    assert unstretched("stoppp") == ("stop", "stopp")
    assert unstretched("stopp") == ("stopp",)


def test_a_number_keeps_its_digits_over_a_decimal_point() -> None:
    assert words_of("temp 100.4, he is 3.") == ("temp", "1004", "he", "is", "3")
    assert tokens_of("yes, no. ok") == ["yes", ",", "no", ".", "ok"]


@given(st.text(max_size=60))
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    ("one", "other", "edits"),
    [("a", "a", 0), ("siezure", "seizure", 1), ("batery", "battery", 1), ("", "abc", 3), ("cat", "dog", 3)],
)
def test_edits_count_a_swap_as_one(one: str, other: str, edits: int) -> None:
    assert edits_between(one, other) == edits_between(other, one) == edits


@given(
    st.sampled_from(["seizure", "unconscious", "swallowed"]),
    st.integers(0, 40),
    st.characters(categories=["Ll"], codec="ascii"),
)
def test_one_wrong_letter_after_the_first_is_always_forgiven(word: str, place: int, letter: str) -> None:
    place = 1 + place % (len(word) - 1)
    written = word[:place] + letter + word[place + 1 :]
    known = SpellingIndex(["seizure", "unconscious", "swallowed"], [])
    assert written == word or known.meant_by(written) == {word}
