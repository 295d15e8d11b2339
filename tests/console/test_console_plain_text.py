"""Text from families made safe and discreet to show."""

from __future__ import annotations

import pytest

from console.plain_text import initials, mask_phone, mask_phones, shortened, show_phone, visible


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Ana Lucía", "A. L."),
        ("mateo", "M."),
        ("Jean-Luc", "J. L."),
        ("José de la Cruz Ramos", "J. D. L."),
        ("O'Neil", "O."),
        ("Ñandu", "Ñ."),
        ("王", "王."),
        ("<svg/onload=x>", "S."),
        ("👶", "?"),
        ("", ""),
        (None, ""),
        ("N" * 200, "N."),
        ("\u202eevil", "E."),
    ],
)
def test_a_name_becomes_initials(name: str | None, shown: str) -> None:
    assert initials(name) == shown


@pytest.mark.parametrize(
    ("text", "shown", "remark"),
    [
        ("call 860-555-0142 after 5", "call ••• ••• 0142 after 5", "dashes"),
        ("mi número es (860) 555 0142.", "mi número es ••• ••• 0142.", "brackets"),
        ("+1 860.555.0142 or 8605550199", "••• ••• 0142 or ••• ••• 0199", "two numbers"),
        ("he is 18 months and says 2 words", "he is 18 months and says 2 words", "no phone"),
        ("born 03/04/2025", "born 03/04/2025", "a birth date is no phone"),
    ],
)
def test_phones_in_a_text_are_masked(text: str, shown: str, remark: str) -> None:
    assert mask_phones(text) == shown


def test_only_the_familys_own_number_is_masked_when_asked_so() -> None:
    said = "We will call 860-555-0142. Our number is 1-800-505-7000."
    assert (
        mask_phones(said, only="+18605550142") == "We will call ••• ••• 0142. Our number is 1-800-505-7000."
    )


def test_a_phone_is_shown_as_it_is_dialled_or_by_its_last_four() -> None:
    assert (show_phone("+18605550142"), mask_phone("+18605550142")) == ("(860) 555-0142", "••• ••• 0142")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("two\r\nlines\tand a tab", "two\nlines\tand a tab"),
        ("a\u202eb", "a[U+202E]b"),
        ("bell\u0007", "bell[U+0007]"),
        ("niña 👧🏽 שלום", "niña 👧🏽 שלום"),
    ],
)
def test_what_hides_in_a_text_is_written_out(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_a_long_line_is_cut_with_a_mark() -> None:
    assert shortened("one  two\nthree", 40) == "one two three"
    assert shortened("word " * 100, 20) == "word word word word…"
