"""A case's number is found in what is written, however it is typed, and nowhere else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.rules.receipts import LENGTH, LETTERS, read_receipt_number


@pytest.mark.parametrize(("text", "number"), [
    ("HMG-9EH64M", "HMG-9EH64M"), ("my doctor gave me hmg 9eh64m", "HMG-9EH64M"), ("me dieron HMG9EH64M.", "HMG-9EH64M"),
    ("hmg#9eh64m", "HMG-9EH64M"), ("9EH64M", None), ("HMG-9EH64", None), ("HMG-9EH64MX", None), ("HMG-0EH64M", None), ("", None),
    ("XHMG-9EH64M", None), ("ALD-9EH64M", None)])
def test_a_number_is_read_with_its_prefix_alone(text: str, number: str | None) -> None:
    assert read_receipt_number(text, "HMG") == number


@given(st.text(alphabet=LETTERS, min_size=LENGTH, max_size=LENGTH), st.sampled_from(["{}", "the number is {}, thanks", "({})"]),
       st.booleans())
def test_every_number_of_ours_is_found_in_a_sentence(letters: str, sentence: str, small: bool) -> None:
    text = sentence.format(f"hmg-{letters}")
    assert read_receipt_number(text.lower() if small else text, "HMG") == f"HMG-{letters}"


@given(st.text(max_size=60))
def test_whatever_is_written_gives_a_whole_number_or_none(text: str) -> None:
    found = read_receipt_number(text, "HMG")
    assert found is None or (found.startswith("HMG-") and len(found) == 4 + LENGTH)
