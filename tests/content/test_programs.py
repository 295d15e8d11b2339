"""The programs and crisis lines: what is shown, what is held back, and what a mistake in a file says."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from intake.content.programs import Programs, load_programs
from intake.content.yaml_source import ContentError
from intake.rules.concerns import ConcernDomain
from intake.rules.routing import LEAD_ADVICE_ENDS_AT_MONTHS, Door, Doors

FOLDER = Path(__file__).parents[2] / "content" / "programs"


@pytest.fixture(scope="module")
def catalogue() -> Programs:
    return load_programs(FOLDER)


def test_the_doors_of_the_directory_are_those_that_the_tests_of_the_rules_know(catalogue: Programs) -> None:
    assert catalogue.doors == Doors(
        hub="ct211_child_development",
        coordination="help_me_grow_ct",
        early_intervention=Door("birth_to_three", 0, 36),
        closes_days_before=45,
        preschool=Door("early_childhood_special_education", 36, 72),
        monitoring=Door("ages_and_stages_sparkler", 0, 72),
        by_concern=(
            (ConcernDomain.HOUSING_LEAD, Door("healthy_homes", 0, LEAD_ADVICE_ENDS_AT_MONTHS)),
            (ConcernDomain.ASTHMA_BREATHING, Door("easy_breathing", 6, 228)),
            (ConcernDomain.INJURY_VIOLENCE, Door("injury_prevention_safe_kids", 0, 240)),
            (ConcernDomain.MEDICAL_HEALTH, Door("cyshcn_medical_home", 0, 252)),
        ),
    )


def test_what_nobody_has_confirmed_is_not_shown(catalogue: Programs) -> None:
    homes = catalogue.program("healthy_homes")
    assert homes.url is not None and homes.shown_url is None
    hotline = catalogue.crisis["maternal_mental_health_hotline"]
    assert hotline.phone is not None and hotline.shown_phone is None and hotline.shown_text is None


def test_the_fallback_door_has_a_number_to_show(catalogue: Programs) -> None:
    assert catalogue.fallback.shown_phone == "1-800-505-7000"


def test_a_place_is_known_by_its_zip_code(catalogue: Programs) -> None:
    assert catalogue.near("06120-0001") == ("north_hartford_ascend",)
    assert catalogue.near("06510") == catalogue.near("") == ()


@pytest.mark.parametrize(
    ("before", "after", "complaint"),
    [
        ("kind: hub", "kind: hubb", "'kind'"),
        ('phone: "1-800-505-7000"', 'phone: "505-7000"', "'phone'"),
        ("to_months: 252", "to_months: 0", "to_months"),
        ("unconfirmed: [hours]", "unconfirmed: [fax]", "fax"),
        ("id: ct211_child_development", "id: other", "the file is named 'ct211_child_development'"),
        ("kind: hub", "kind: hub\ncolour: red", "unknown field 'colour'"),
    ],
)
def test_a_mistake_in_a_file_is_named_with_file_and_line(
    tmp_path: Path, before: str, after: str, complaint: str
) -> None:
    folder = Path(shutil.copytree(FOLDER, tmp_path / "programs"))
    file = folder / "ct211_child_development.yaml"
    text = file.read_text(encoding="utf-8")
    assert before in text
    file.write_text(text.replace(before, after), encoding="utf-8")
    with pytest.raises(ContentError) as error:
        load_programs(folder)
    problem = error.value.problems[0]
    assert problem.file.endswith("ct211_child_development.yaml") and problem.line >= 1
    assert complaint in problem.message


def test_a_missing_language_is_named(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(FOLDER, tmp_path / "programs"))
    file = folder / "easy_breathing.yaml"
    lines = [line for line in file.read_text(encoding="utf-8").splitlines() if "Pregunte al doctor" not in line]
    file.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(ContentError, match="es' is missing"):
        load_programs(folder)
