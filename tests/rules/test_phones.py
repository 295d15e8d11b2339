"""Whose text is answered: a phone of a person in the United States or Canada, and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.rules.phones import is_person


@pytest.mark.parametrize("phone", ["+18605550142", "+17875550142", "+14165550142"])
def test_phones_of_the_states_puerto_rico_and_canada_are_people(phone: str) -> None:
    assert is_person(phone)


@pytest.mark.parametrize("sender", ["32665", "HMGCT", "whatsapp:+18605550142", "+1000", "+18005550142", "+18765550142",
                                    "+118605550142", "+18605550142\n", " +18605550142", "+186055501٤٢", ""])
def test_a_short_code_a_name_another_country_and_a_toll_free_line_are_none(sender: str) -> None:
    assert not is_person(sender)


@given(sender=st.text())
def test_whatever_is_taken_for_a_person_has_twelve_plain_characters(sender: str) -> None:
    assert not is_person(sender) or (len(sender) == 12 and sender[1:].isascii() and sender[1:].isdigit())
