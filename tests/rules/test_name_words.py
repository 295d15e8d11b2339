"""The words of a name as it is searched for."""

from __future__ import annotations

import pytest

from intake.rules.name_words import name_words


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Mateo Luis", {"mateo", "luis"}),
        ("  JOSÉ-luís ", {"jose", "luis"}),
        ("Núñez", {"nunez"}),
        ("O'Neil", {"oneil"}),
        ("O’Neil", {"oneil"}),
        ("Lê Thị", {"le", "thi"}),
        ("王", {"王"}),
        ("Ana María", {"ana", "maria"}),
        (".* %_ ^$", set()),
        ("", set()),
    ],
)
def test_a_name_is_folded_to_its_words(name: str, words: set[str]) -> None:
    assert name_words(name) == words


def test_letters_with_and_without_a_combining_accent_are_one() -> None:
    assert name_words("Jose\u0301") == name_words("José")
