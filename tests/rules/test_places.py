"""A ZIP code tells whether a family lives outside Connecticut; a town's name does not."""

from __future__ import annotations

import pytest

from intake.rules.places import is_elsewhere


@pytest.mark.parametrize("place", ["10001", "zip is 01103", "06390", "Springfield MA 01103-1234"])
def test_a_zip_code_of_another_state_is_elsewhere(place: str) -> None:
    assert is_elsewhere(place)


@pytest.mark.parametrize("place", ["06106", "hartford", "New London 06320", "12 Main St 06511", "860555", "New York"])
def test_connecticut_and_what_holds_no_zip_code_are_not(place: str) -> None:
    assert not is_elsewhere(place)
