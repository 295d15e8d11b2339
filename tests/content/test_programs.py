"""The programs and crisis lines: what is shown, what is held back, and what a mistake in a file says."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from intake.content.programs import Programs, load_programs
from intake.content.yaml_source import ContentError
from intake.rules import routing

FOLDER = Path(__file__).parents[2] / "content" / "programs"


@pytest.fixture(scope="module")
def catalogue() -> Programs:
    return load_programs(FOLDER)


def test_every_program_the_rules_can_name_has_a_file(catalogue: Programs) -> None:
    named = {
        routing.CT211,
        routing.HELP_ME_GROW,
        routing.BIRTH_TO_THREE,
        routing.PRESCHOOL_SPECIAL_EDUCATION,
        routing.SPARKLER,
        routing.HEALTHY_HOMES,
        routing.EASY_BREATHING,
        routing.SAFE_KIDS,
        routing.MEDICAL_HOME,
    }
    assert named <= set(catalogue.programs)


def test_the_age_bands_agree_with_the_rules(catalogue: Programs) -> None:
    assert catalogue.program(routing.BIRTH_TO_THREE).ages.to_months == routing.BIRTH_TO_THREE_ENDS_AT_MONTHS
    assert catalogue.program(routing.PRESCHOOL_SPECIAL_EDUCATION).ages.to_months == routing.PRESCHOOL_ENDS_AT_MONTHS
    assert catalogue.program(routing.SPARKLER).ages.to_months == routing.SPARKLER_ENDS_AT_MONTHS
    assert catalogue.program(routing.HEALTHY_HOMES).ages.to_months == routing.LEAD_ADVICE_ENDS_AT_MONTHS
    assert catalogue.program(routing.EASY_BREATHING).ages.from_months == routing.EASY_BREATHING_FROM_MONTHS


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
        ("unconfirmed: []", "unconfirmed: [fax]", "fax"),
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
