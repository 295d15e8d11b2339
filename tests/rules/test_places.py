"""A ZIP code tells whether a family lives outside the affiliate's area, a town's name does not; which part of it they name."""

from __future__ import annotations

import pytest

from intake.rules.places import Neighborhood, ZipArea, is_elsewhere

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


NORTH_END = Neighborhood(("06120",), ("Clay Arsenal", "Northeast", "Upper Albany"), ("Hartford",))


@pytest.mark.parametrize("place", [
    "06120", "Hartford CT 06120-1234", "upper ALBANY", "vivo en Clay Arsenal", "Northeast", "the northeast of Hartford",
    "Hartford, Northeast neighborhood"])
def test_a_zip_code_or_the_name_of_a_district_is_a_hint_at_the_program_of_that_place(place: str) -> None:
    assert NORTH_END.may_hold(place)


@pytest.mark.parametrize("place", [
    "06112", "Hartford", "Albany NY", "northeast Connecticut", "New Hartford", "061200", "", "clay"])
def test_a_town_a_part_of_another_town_and_another_zip_code_are_none(place: str) -> None:
    assert not NORTH_END.may_hold(place)
