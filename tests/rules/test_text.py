"""What people send is cleaned without losing what they wrote, and can never be a command to the engine."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.rules.text import ENGINE_LIMIT, MOST_MARKS_PER_BASE, clean, for_engine, is_emoji_only

ANYTHING = st.text(st.characters(), max_size=80) | st.text(
    "a\u0301\u0300 \n\x00\u200b\u202e/éñ\u1100\u1161", max_size=40
)

CLEANED = [
    ("W12", "NUL", "he\x00llo", "hello"),
    ("W12", "control characters", "a\x07b\x1b[31m", "ab[31m"),
    ("W13", "right-to-left override", "abc\u202egnp.exe", "abcgnp.exe"),
    ("W13", "zero width", "st\u200bop", "stop"),
    ("W13", "lone surrogate", "a\ud800b", "ab"),
    ("W13", "decomposed letters", "nin\u0303o", "niño"),
    ("W13", "a family emoji becomes its people", "👩\u200d👧", "👩👧"),
    ("W8", "blanks only", " \n\t ", ""),
    ("N14", "names stay", "王小明 O'Neil Lê Ñoño", "王小明 O'Neil Lê Ñoño"),
    ("N30", "newlines stay", "one\r\ntwo\rthree", "one\ntwo\nthree"),
]


@pytest.mark.parametrize(("rule", "remark", "text", "cleaned"), CLEANED, ids=[f"{r[0]}-{r[1]}" for r in CLEANED])
def test_unseen_characters_go_and_words_stay(rule: str, remark: str, text: str, cleaned: str) -> None:
    assert clean(text) == cleaned, (rule, remark)


def test_w13_a_flood_of_marks_is_cut_to_eight_a_letter() -> None:
    assert sum(bool(unicodedata.combining(char)) for char in clean("x" + "\u0336" * 50)) == MOST_MARKS_PER_BASE


@given(ANYTHING)
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@given(ANYTHING)
def test_what_is_clean_can_be_stored_and_holds_no_unseen_character(text: str) -> None:
    cleaned = clean(text)
    cleaned.encode("utf-8")
    assert all(char == "\n" or unicodedata.category(char) not in {"Cc", "Cf", "Cs"} for char in cleaned)


@given(ANYTHING)
def test_nothing_that_reaches_the_engine_is_a_command_or_two_lines_or_too_long(text: str) -> None:
    line = for_engine(text)
    assert not line.startswith("/") and "\n" not in line and len(line) <= ENGINE_LIMIT
    assert line == line.strip()


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("/restart", "restart"),
        (" //  /affirm", "affirm"),
        ("\u200b/greet", "greet"),
        ("/", ""),
        ("yes/no", "yes/no"),
        ("a\nb", "a b"),
        ("x" * 5000, "x" * 1600),
    ],
)
def test_a_leading_slash_is_words_to_the_engine(text: str, line: str) -> None:
    assert for_engine(text) == line


@pytest.mark.parametrize("text", ["/session_start", '/inform{"concern": "sleep"}', "// delete_data", "/ {", '/{"a": 1}'])
def test_what_no_person_writes_after_a_slash_holds_no_words(text: str) -> None:
    assert for_engine(text) == ""



@pytest.mark.parametrize("text", ["👍", "👎🏽", "❤️", "👩‍👧 👍", "🇵🇷", "☺"])
def test_w14_emoji_alone_are_known(text: str) -> None:
    assert is_emoji_only(text)


@pytest.mark.parametrize("text", ["", " ", "ok 👍", "yes", "?", "3", "1️⃣", "¡"])
def test_w14_words_numbers_and_silence_are_no_emoji(text: str) -> None:
    assert not is_emoji_only(text)
