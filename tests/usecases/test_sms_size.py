"""Segments: our count, by a library's alphabet, agrees with the simulator's, which was written apart from it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.usecases.sms_size import Size, count, fits
from simulator.segments import count_segments

TEXTING = st.text(st.sampled_from("abc eñ¿€{á😀\n"), max_size=400)


@pytest.mark.parametrize(("text", "size"), [
    ("", Size("GSM-7", 1)),
    ("a" * 160, Size("GSM-7", 1)), ("a" * 161, Size("GSM-7", 2)), ("a" * 306, Size("GSM-7", 2)), ("a" * 307, Size("GSM-7", 3)),
    ("€" * 80, Size("GSM-7", 1)), ("a" * 152 + "€" + "a" * 152, Size("GSM-7", 3)),
    ("á" * 70, Size("UCS-2", 1)), ("á" * 71, Size("UCS-2", 2)),
    ("😟" * 35, Size("UCS-2", 1)), ("😟" * 67, Size("UCS-2", 3)),
    ("¿Habla español en la niñez?", Size("GSM-7", 1)), ("\x1b", Size("UCS-2", 1)),
])
def test_segments_are_counted_as_carriers_bill_them(text: str, size: Size) -> None:
    assert count(text) == size


@given(TEXTING | st.text(max_size=400))
def test_our_count_agrees_with_an_independent_one(text: str) -> None:
    theirs = count_segments(text)
    assert count(text) == Size(theirs.encoding, theirs.segments)


def test_ten_segments_fit_and_eleven_do_not() -> None:
    assert fits("a" * 1530) and not fits("a" * 1531)
    assert fits("á" * 670) and not fits("á" * 671)
