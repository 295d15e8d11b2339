"""Each attack on the console, S1 to S18 of our list of bad inputs, has a test that carries its number in its name."""

from __future__ import annotations

import re

import pytest
from tree import functions, modules

CASES = tuple(f"s{number:02}" for number in range(1, 19))
NUMBERS = re.compile(r"test_((?:s\d+_)+)")


def numbered() -> dict[str, list[str]]:
    """The names of the tests that carry a number, by case; one test may carry several."""
    found: dict[str, list[str]] = {}
    for module in modules("tests"):
        for function in functions(module):
            carried = NUMBERS.match(function.name)
            for case in re.findall(r"s\d+", carried[1]) if carried else []:
                found.setdefault(case, []).append(f"{module.path}:{function.name}")
    return found


@pytest.mark.parametrize("case", CASES)
def test_every_case_has_a_test_of_its_name(case: str) -> None:
    assert numbered().get(case, []) != []


def test_no_test_carries_a_number_that_is_no_case() -> None:
    assert {case: tests for case, tests in numbered().items() if case not in CASES} == {}
