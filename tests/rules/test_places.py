"""A ZIP code tells whether a family lives outside the affiliate's area; a town's name does not."""

from __future__ import annotations

import pytest

from intake.rules.places import ZipArea, is_elsewhere

CONNECTICUT = ZipArea(("06",), ("06390",))


@pytest.mark.parametrize("place", ["10001", "zip is 01103", "06390", "Springfield MA 01103-1234"])
def test_a_zip_code_of_another_state_is_elsewhere(place: str) -> None:
    assert is_elsewhere(place, CONNECTICUT)


@pytest.mark.parametrize("place", ["06106", "hartford", "New London 06320", "12 Main St 06511", "860555", "New York"])
def test_connecticut_and_what_holds_no_zip_code_are_not(place: str) -> None:
    assert not is_elsewhere(place, CONNECTICUT)


def test_an_area_may_begin_in_several_ways() -> None:
    two = ZipArea(("556", "557"))
    assert not is_elsewhere("55700", two) and not is_elsewhere("55602", two) and is_elsewhere("55801", two)
